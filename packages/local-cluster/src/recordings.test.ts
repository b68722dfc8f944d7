import { delimiter } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readRecording, recordingFiles } from './testing/recordings/recording.ts'
import { playFiles } from './testing/recordings/run.ts'
import { type Verdict, verdictLines } from './testing/recordings/verdict.ts'

/** Those of test-data/recordings, or `SLIPWAY_RECORDINGS=a.json:b.json npx vitest run --project local-cluster src/recordings`. */
const given = process.env.SLIPWAY_RECORDINGS?.split(delimiter).filter((file) => file !== '') ?? []
const files = given.length > 0 ? given : recordingFiles()
const scenarioOf = new Map(files.map((file) => [file, readRecording(file).scenario]))
/** The longest recording takes two minutes; a busy machine more. */
const timeoutMs = 900_000

const verdicts = new Map<string, Verdict>()

async function play(some: readonly string[]): Promise<void> {
  await playFiles(some, (verdict) => {
    verdicts.set(verdict.scenario, verdict)
    process.stdout.write(`${verdictLines(verdict).join('\n')}\n`)
  })
}

beforeAll(async () => {
  await play(files)
  // As with every other test: beside the rest of the suite a time-out may be met once, and what was different is shown above.
  const again = files.filter((file) => verdicts.get(scenarioOf.get(file) ?? '')?.differences.length !== 0)
  if (process.env.CI && again.length > 0) await play(again)
}, timeoutMs)

afterAll(() => {
  const passed = [...verdicts.values()].filter(({ differences }) => differences.length === 0).length
  process.stdout.write(`${passed} of ${files.length} scenarios went as recorded\n`)
})

describe('goes as on a real cluster', () => {
  test.each([...scenarioOf.values()])('%s', (scenario) => {
    expect(verdicts.get(scenario)?.differences).toEqual([])
  })
})
