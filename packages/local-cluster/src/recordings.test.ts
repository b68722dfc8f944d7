import { delimiter } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readRecording, recordingFiles } from './testing/recordings/recording.ts'
import { playFiles } from './testing/recordings/run.ts'
import { type Verdict, verdictLines } from './testing/recordings/verdict.ts'

/**
 * Files to play, `SLIPWAY_RECORDINGS=a.json:b.json npx vitest run recordings`, or `all` for those of test-data/recordings.
 * Played on request only while the controllers and the node still differ from them.
 */
const given = process.env.SLIPWAY_RECORDINGS?.split(delimiter).filter((file) => file !== '') ?? []
const files = given.join() === 'all' ? recordingFiles() : given
const scenarios = files.map((file) => readRecording(file).scenario)
/** The longest recording takes two minutes; a busy machine more. */
const timeoutMs = 600_000

const verdicts = new Map<string, Verdict>()
const lines: string[] = []

beforeAll(async () => {
  if (files.length === 0) return
  await playFiles(files, (verdict) => {
    verdicts.set(verdict.scenario, verdict)
    lines.push(...verdictLines(verdict))
  })
}, timeoutMs)

afterAll(() => {
  if (files.length === 0) return
  const passed = [...verdicts.values()].filter(({ differences }) => differences.length === 0).length
  process.stdout.write(`${lines.join('\n')}\n${passed} of ${scenarios.length} scenarios went as recorded\n`)
})

describe.skipIf(files.length === 0)('goes as on a real cluster', () => {
  test.each(scenarios)('%s', (scenario) => {
    expect(verdicts.get(scenario)?.differences).toEqual([])
  })
})
