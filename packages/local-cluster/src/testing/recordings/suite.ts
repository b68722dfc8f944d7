import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readRecording } from './recording.ts'
import { playFiles } from './run.ts'
import { type Verdict, verdictLines } from './verdict.ts'

/** The longest recording takes two minutes; a busy machine more. */
const TIMEOUT_MS = 900_000

/** Plays the recordings of these files beside each other; one test a scenario. */
export function describeRecordings(files: readonly string[]): void {
  const scenarioOf = new Map(files.map((file) => [file, readRecording(file).scenario]))
  const verdicts = new Map<string, Verdict>()

  async function play(some: readonly string[]): Promise<void> {
    await playFiles(some, (verdict) => {
      verdicts.set(verdict.scenario, verdict)
      process.stdout.write(`${verdictLines(verdict).join('\n')}\n`)
    })
  }

  beforeAll(() => play(files), TIMEOUT_MS)

  afterAll(() => {
    const passed = [...verdicts.values()].filter(({ differences }) => differences.length === 0).length
    process.stdout.write(`${passed} of ${files.length} scenarios went as recorded\n`)
  })

  describe('goes as on a real cluster', () => {
    test.for([...scenarioOf].map(([file, scenario]) => ({ file, scenario })))(
      '$scenario',
      { timeout: TIMEOUT_MS },
      async ({ file, scenario }, { task }) => {
        // Where a failed test is run again, its scenario is played again.
        if ((task.result?.retryCount ?? 0) > 0) await play([file])
        expect(verdicts.get(scenario)?.differences).toEqual([])
      },
    )
  })
}
