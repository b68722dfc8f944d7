import { isLong, recordingFiles } from './testing/recordings/recording.ts'
import { describeRecordings } from './testing/recordings/suite.ts'

// They wait for minutes to begin, which other tests may use: alone they would be as long as all shorter ones together.
describeRecordings(recordingFiles().filter(isLong))
