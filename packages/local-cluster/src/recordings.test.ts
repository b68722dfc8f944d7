import { delimiter } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readRecording, recordingFiles } from './testing/recordings/recording.ts'
import { playFiles } from './testing/recordings/run.ts'
import { type Verdict, verdictLines } from './testing/recordings/verdict.ts'

/** Other files than those of test-data/recordings: `SLIPWAY_RECORDINGS=a.json:b.json npx vitest run recordings`. */
const given = process.env.SLIPWAY_RECORDINGS?.split(delimiter).filter((file) => file !== '')
const files = given ?? recordingFiles()
const scenarios = files.map((file) => readRecording(file).scenario)
/** The longest recording takes two minutes; a busy machine more. */
const timeoutMs = 600_000

const verdicts = new Map<string, Verdict>()
const lines: string[] = []

beforeAll(async () => {
  await playFiles(files, (verdict) => {
    verdicts.set(verdict.scenario, verdict)
    lines.push(...verdictLines(verdict))
  })
}, timeoutMs)

afterAll(() => {
  const passed = [...verdicts.values()].filter(({ differences }) => differences.length === 0).length
  process.stdout.write(`${lines.join('\n')}\n${passed} of ${scenarios.length} scenarios went as recorded\n`)
})

describe('goes as on a real cluster', () => {
  test.each(scenarios)('%s', (scenario) => {
    expect(verdicts.get(scenario)?.differences).toEqual([])
  })
})
