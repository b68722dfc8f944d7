import { delimiter } from 'node:path'
import { isLong, recordingFiles } from './testing/recordings/recording.ts'
import { describeRecordings } from './testing/recordings/suite.ts'

/** Those of test-data/recordings, or `SLIPWAY_RECORDINGS=a.json:b.json npx vitest run --project recordings`. */
const given = process.env.SLIPWAY_RECORDINGS?.split(delimiter).filter((file) => file !== '') ?? []

describeRecordings(given.length > 0 ? given : recordingFiles().filter((file) => !isLong(file)))
