import type { CronSchedule } from '../types/cron-schedule.ts'
import { nextTime } from './cron-next.ts'
import type { CronJob } from './workload-objects.ts'

/** Missed times from which on a person is told, where no deadline says that old ones do not matter. */
const MOST_MISSED = 100

/**
 * The latest time that has come and was not started yet. Times before the last start, the CronJob's making and its
 * starting deadline do not count. Reference: mostRecentScheduleTime of pkg/controller/cronjob/utils.go.
 */
export function latestMissed(
  cron: CronJob,
  schedule: CronSchedule,
  zone: string,
  nowMs: number,
): { latestMs: number | null; tooMany: boolean } {
  const { startingDeadlineSeconds } = cron.spec
  const from = cron.status?.lastScheduleTime ?? cron.metadata.creationTimestamp ?? ''
  const deadlineMs = startingDeadlineSeconds === undefined ? 0 : nowMs - startingDeadlineSeconds * 1000
  const firstMs = nextTime(schedule, Math.max(Date.parse(from), deadlineMs), zone)
  if (firstMs === null || firstMs > nowMs) return { latestMs: null, tooMany: false }
  const secondMs = nextTime(schedule, firstMs, zone)
  if (secondMs === null || secondMs > nowMs) return { latestMs: firstMs, tooMany: false }
  // Jump close to now in steps of the first pause, then walk: times need not be apart by the same.
  const pauseMs = secondMs - firstMs
  const missed = Math.floor((nowMs - firstMs) / pauseMs) + 1
  let latestMs = firstMs
  const near = Math.max(firstMs, firstMs + (missed - 2) * pauseMs)
  for (let next = nextTime(schedule, near - 1, zone); next !== null && next <= nowMs; ) {
    latestMs = next
    next = nextTime(schedule, next, zone)
  }
  return { latestMs, tooMany: missed > MOST_MISSED && startingDeadlineSeconds === undefined }
}
