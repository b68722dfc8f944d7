import { Cron } from 'croner'
import { z } from 'zod'

const EXAMPLE = 'Use five fields: minute, hour, day of month, month, day of week, such as 0 8 * * 1-5.'

/** A cron expression of five fields, as crontab has them; `@daily` and the like too. */
const cronExpressionSchema = z
  .string()
  .trim()
  .min(1, `Enter when it happens. ${EXAMPLE}`)
  .max(200)
  .refine((expression) => cronOf({ cron: expression, timeZone: 'UTC' }) !== null, {
    error: ({ input }) => `“${String(input)}” is not a cron expression. ${EXAMPLE}`,
    abort: true,
  })
  .refine((expression) => nextRuns({ cron: expression, timeZone: 'UTC' }, Date.now(), 1).length > 0, {
    error: ({ input }) => `“${String(input)}” never comes, such as the 31st of February.`,
  })

/** A time zone by its IANA name. */
const timeZoneSchema = z
  .string()
  .trim()
  .max(64)
  .refine(isTimeZone, 'This is not a time zone. Use an IANA name such as Europe/Berlin or UTC.')

/** When something happens again and again. */
export const cronScheduleSchema = z.object({ cron: cronExpressionSchema, timeZone: timeZoneSchema })
export interface CronSchedule {
  cron: string
  timeZone: string
}

function isTimeZone(name: string): boolean {
  try {
    // Offsets such as +01:00 are taken by Intl, but not by Kubernetes.
    return /^[A-Za-z]/.test(name) && new Intl.DateTimeFormat('en', { timeZone: name }) !== null
  } catch {
    return false
  }
}

function cronOf({ cron, timeZone }: CronSchedule): Cron | null {
  try {
    return new Cron(cron, { timezone: timeZone, paused: true, mode: '5-part' })
  } catch {
    return null
  }
}

/**
 * Its next times after a moment, at most `count`, in milliseconds; none for what is no schedule or never comes. Daylight saving as
 * croner has it: a time that is skipped comes when the clock goes on, one that is there twice comes once.
 */
export function nextRuns(schedule: CronSchedule, afterMs: number, count: number): number[] {
  const runs = cronOf(schedule)?.nextRuns(count, new Date(afterMs)) ?? []
  return runs.map((run) => run.getTime())
}

/** Its latest time up to a moment, in milliseconds; null where there was none. */
export function lastRun(schedule: CronSchedule, nowMs: number): number | null {
  // croner answers times before the second that it is given, and times are whole minutes.
  const nextSecond = (Math.floor(nowMs / 1000) + 1) * 1000
  return cronOf(schedule)?.previousRuns(1, new Date(nextSecond))[0]?.getTime() ?? null
}
