import { DateTime } from 'luxon'
import type { CronDays, CronSchedule } from '../types/cron-schedule.ts'

/** How far ahead a time is looked for, as 30 February never comes. */
const YEARS = 5

/**
 * The first time after `afterMs` that the schedule names, in the zone's own clock; null when none comes.
 * A time that daylight saving skips does not come that day. Reference: SpecSchedule.Next of github.com/robfig/cron/v3.
 */
export function nextTime(schedule: CronSchedule, afterMs: number, zone: string): number | null {
  if ('everySeconds' in schedule) return (Math.floor(afterMs / 1000) + schedule.everySeconds) * 1000
  const start = DateTime.fromMillis(afterMs, { zone })
  const limit = start.plus({ years: YEARS })
  let time = start.startOf('minute').plus({ minutes: 1 })
  while (time < limit) {
    if (!schedule.month.has(time.month)) time = time.startOf('month').plus({ months: 1 })
    else if (!dayMatches(schedule.day, schedule.weekday, time))
      time = time.startOf('day').plus({ days: 1 }).startOf('day')
    // In absolute time: an hour that comes twice is looked at twice, one that does not come is passed over.
    else if (!schedule.hour.has(time.hour)) time = time.startOf('hour').plus({ hours: 1 })
    else if (!schedule.minute.has(time.minute)) time = time.plus({ minutes: 1 })
    else return time.toMillis()
  }
  return null
}

/** Both day fields must match where one is open, either of them where both are restricted. */
function dayMatches(day: CronDays, weekday: CronDays, time: DateTime): boolean {
  const inMonth = day.values.has(time.day)
  const inWeek = weekday.values.has(time.weekday % 7)
  return day.open || weekday.open ? inMonth && inWeek : inMonth || inWeek
}

/** The time as RFC 3339 in its zone, whole seconds. */
export function zonedTimestamp(ms: number, zone: string): string {
  return DateTime.fromMillis(ms, { zone }).toISO({ suppressMilliseconds: true }) ?? new Date(ms).toISOString()
}
