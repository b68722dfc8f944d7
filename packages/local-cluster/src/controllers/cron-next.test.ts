import { expect, test } from 'vitest'
import { parseCronSchedule } from '../types/cron-schedule.ts'
import { nextTime } from './cron-next.ts'

const next = (schedule: string, after: string, zone = 'UTC') => {
  const ms = nextTime(parseCronSchedule(schedule), Date.parse(after), zone)
  return ms === null ? null : new Date(ms).toISOString().replace('.000Z', 'Z')
}

test.each([
  ['* * * * *', '2026-01-01T00:00:00Z', '2026-01-01T00:01:00Z'],
  ['* * * * *', '2026-01-01T00:00:59.999Z', '2026-01-01T00:01:00Z'],
  ['*/15 * * * *', '2026-01-01T00:46:10Z', '2026-01-01T01:00:00Z'],
  ['5/20 * * * *', '2026-01-01T00:26:00Z', '2026-01-01T00:45:00Z'],
  ['0 12 * * MON-FRI', '2026-11-27T12:00:00Z', '2026-11-30T12:00:00Z'],
  ['30 4 1,15 * *', '2026-02-15T04:30:00Z', '2026-03-01T04:30:00Z'],
  // Both restricted: the 13th, and every Friday.
  ['0 0 13 * 5', '2026-11-07T00:00:00Z', '2026-11-13T00:00:00Z'],
  ['0 0 13 * 5', '2026-11-13T00:00:00Z', '2026-11-20T00:00:00Z'],
  // A step restricts: `*/2` is not `*`.
  ['0 0 */2 * 0', '2026-11-01T00:00:00Z', '2026-11-03T00:00:00Z'],
  ['0 0 29 2 *', '2026-01-01T00:00:00Z', '2028-02-29T00:00:00Z'],
  ['0 0 ? jan ?', '2026-01-31T00:00:00Z', '2027-01-01T00:00:00Z'],
  ['@hourly', '2026-01-01T00:00:00Z', '2026-01-01T01:00:00Z'],
  ['@every 1h30m', '2026-01-01T00:00:10.5Z', '2026-01-01T01:30:10Z'],
])('%s after %s', (schedule, after, expected) => {
  expect(next(schedule, after)).toBe(expected)
})

test('keeps to the clock of its zone', () => {
  expect(next('0 9 * * *', '2026-07-01T00:00:00Z', 'Europe/Berlin')).toBe('2026-07-01T07:00:00Z')
  expect(next('0 9 * * *', '2026-12-01T00:00:00Z', 'Europe/Berlin')).toBe('2026-12-01T08:00:00Z')
  expect(next('0 0 * * *', '2026-06-01T00:00:00Z', 'Asia/Kolkata')).toBe('2026-06-01T18:30:00Z')
  // 02:30 is skipped on 29 March 2026 in Berlin.
  expect(next('30 2 * * *', '2026-03-28T12:00:00Z', 'Europe/Berlin')).toBe('2026-03-30T00:30:00Z')
  // 02:30 comes twice on 25 October.
  expect(next('30 2 * * *', '2026-10-25T00:30:00Z', 'Europe/Berlin')).toBe('2026-10-25T01:30:00Z')
})

test('a day that never comes is no time', () => {
  expect(next('0 0 30 2 *', '2026-01-01T00:00:00Z')).toBeNull()
})

test.each([
  ['* * * *', 'expected exactly 5 fields, found 4: [* * * *]'],
  ['60 * * * *', 'end of range (60) above maximum (59): 60'],
  ['* * 0 * *', 'beginning of range (0) below minimum (1): 0'],
  ['9-5 * * * *', 'beginning of range (9) beyond end of range (5): 9-5'],
  ['*/0 * * * *', 'step of range should be a positive number: */0'],
  ['a * * * *', 'failed to parse int from a: strconv.Atoi: parsing "a": invalid syntax'],
  ['1-2-3 * * * *', 'too many hyphens: 1-2-3'],
  ['* * * * 7', 'end of range (7) above maximum (6): 7'],
  ['@sometimes', 'unrecognized descriptor: @sometimes'],
  ['@every often', 'failed to parse duration @every often: time: invalid duration "often"'],
])('%s is refused', (schedule, message) => {
  expect(() => parseCronSchedule(schedule)).toThrow(message)
})
