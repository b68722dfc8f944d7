'use client'

import { exactTime, relativeTime } from '#lib/time.ts'
import { useNow } from '#lib/use-now.ts'

const TICK_MS = 10_000

/** A moment as people say it, the exact one on hover. `at` is ISO 8601. */
export function Time({ at, className }: { at: string; className?: string }) {
  const now = useNow(TICK_MS)
  return (
    <time dateTime={at} title={exactTime(at)} className={className} suppressHydrationWarning>
      {relativeTime(at, now)}
    </time>
  )
}
