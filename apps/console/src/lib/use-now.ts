'use client'

import { useEffect, useState } from 'react'

interface Clock {
  listeners: Set<(nowMs: number) => void>
  timer: ReturnType<typeof setInterval>
}

/** One timer for all who look at the clock equally often: a list of hundreds of times has one, and changes at once. */
const clocks = new Map<number, Clock>()

function onTick(everyMs: number, listener: (nowMs: number) => void): () => void {
  let clock = clocks.get(everyMs)
  if (!clock) {
    const listeners: Clock['listeners'] = new Set()
    const tick = () => {
      const nowMs = Date.now()
      for (const each of listeners) each(nowMs)
    }
    clock = { listeners, timer: setInterval(tick, everyMs) }
    clocks.set(everyMs, clock)
  }
  const { listeners, timer } = clock
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    clearInterval(timer)
    clocks.delete(everyMs)
  }
}

/** The clock in milliseconds, read again every `everyMs`; it stands still when that is null. */
export function useNow(everyMs: number | null): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => (everyMs === null ? undefined : onTick(everyMs, setNow)), [everyMs])
  return now
}
