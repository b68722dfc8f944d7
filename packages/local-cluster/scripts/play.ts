/**
 * Plays recordings of a Kubernetes cluster against the local cluster: `node packages/local-cluster/scripts/play.ts [FILE…]`.
 * Without files those of test-data/recordings. Ends with 1 where one went differently.
 */
import { recordingFiles } from '../src/testing/recordings/recording.ts'
import { playFiles } from '../src/testing/recordings/run.ts'
import { type Verdict, verdictLines } from '../src/testing/recordings/verdict.ts'

const files = process.argv.length > 2 ? process.argv.slice(2) : recordingFiles()
const verdicts: Verdict[] = []
await playFiles(files, (verdict) => {
  verdicts.push(verdict)
  process.stdout.write(`${verdictLines(verdict).join('\n')}\n`)
})
const passed = verdicts.filter(({ differences }) => differences.length === 0).length
process.stdout.write(`${passed} of ${verdicts.length} scenarios went as recorded\n`)
process.exitCode = passed === verdicts.length ? 0 : 1
