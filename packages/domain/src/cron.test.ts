import { expect, test } from 'vitest'
import { cronScheduleSchema, lastRun, nextRuns } from './cron.ts'

const at = (time: string) => Date.parse(time)
const words = (runs: readonly (number | null)[]) => runs.map((run) => run && new Date(run).toISOString().slice(0, 16))
const BERLIN = { cron: '0 8 * * 1-5', timeZone: 'Europe/Berlin' }

test('times are those of the time zone, summer and winter', () => {
  expect(words(nextRuns(BERLIN, at('2026-10-22T12:00:00Z'), 2))).toEqual(['2026-10-23T06:00', '2026-10-26T07:00'])
  expect(words([lastRun(BERLIN, at('2026-10-25T12:00:00Z'))])).toEqual(['2026-10-23T06:00'])
})

test('the very moment is a last time, and no next one', () => {
  const moment = at('2026-11-30T07:00:00Z')
  expect(words([lastRun(BERLIN, moment), lastRun(BERLIN, moment - 1)])).toEqual([
    '2026-11-30T07:00',
    '2026-11-27T07:00',
  ])
  expect(words(nextRuns(BERLIN, moment, 1))).toEqual(['2026-12-01T07:00'])
  expect(words([lastRun(BERLIN, moment + 500)])).toEqual(['2026-11-30T07:00'])
})

test('an hour that is skipped comes when the clock goes on; one that is there twice comes once', () => {
  const nightly = { cron: '30 2 * * *', timeZone: 'Europe/Berlin' }
  expect(words(nextRuns(nightly, at('2026-03-28T12:00:00Z'), 2))).toEqual(['2026-03-29T01:00', '2026-03-30T00:30'])
  expect(words(nextRuns(nightly, at('2026-10-24T12:00:00Z'), 2))).toEqual(['2026-10-25T00:30', '2026-10-26T01:30'])
})

test('what is not a schedule is refused in words', () => {
  const problem = (cron: string, timeZone = 'UTC') =>
    cronScheduleSchema.safeParse({ cron, timeZone }).error?.issues.map(({ message }) => message)
  expect(problem('0 8 * * MON-FRI')).toBeUndefined()
  expect(problem('@daily')).toBeUndefined()
  expect(problem('every day')).toEqual([expect.stringMatching(/“every day” is not a cron expression.*0 8 \* \* 1-5/)])
  expect(problem('0 0 8 * * *')).toEqual([expect.stringContaining('five fields')])
  expect(problem('0 0 31 2 *')).toEqual([expect.stringContaining('never comes')])
  expect(problem('0 8 * * *', 'Europe/Berln')).toEqual([expect.stringContaining('IANA')])
  expect(problem('0 8 * * *', '+01:00')).toEqual([expect.stringContaining('IANA')])
  expect(nextRuns({ cron: 'nonsense', timeZone: 'UTC' }, 0, 3)).toEqual([])
})
