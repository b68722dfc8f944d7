'use client'

import { exactTime, relativeDays, relativeTime } from '#lib/time.ts'
import { useNow } from '#lib/use-now.ts'

const TICK_MS = 10_000

/** A moment as people say it, the exact one on hover. `at` is ISO 8601. `inDays`: a far one is a number of days, not a date. */
export function Time({ at, inDays, className }: { at: string; inDays?: boolean; className?: string }) {
  const now = useNow(TICK_MS)
  return (
    <time dateTime={at} title={exactTime(at)} className={className} suppressHydrationWarning>
      {inDays ? relativeDays(at, now) : relativeTime(at, now)}
    </time>
  )
}
