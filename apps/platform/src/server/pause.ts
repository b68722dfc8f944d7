import { setTimeout as sleep } from 'node:timers/promises'

/** Resolves after this time, or as soon as the signal is aborted: what waits then looks at the signal itself. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal })
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

/** Ends a pause early. A ring that nobody waits for ends the next one. One waits at a time. */
export interface Bell {
  ring(): void
  /** Resolves at a ring, after this time (Infinity: only then), or when the signal is aborted. */
  heard(ms: number, signal: AbortSignal): Promise<void>
}

export function createBell(): Bell {
  let isRung = false
  let wake: (() => void) | null = null
  return {
    ring() {
      isRung = true
      wake?.()
    },
    async heard(ms, signal) {
      if (!isRung && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const timer = ms === Number.POSITIVE_INFINITY ? undefined : setTimeout(done, ms)
          function done() {
            clearTimeout(timer)
            signal.removeEventListener('abort', done)
            wake = null
            resolve()
          }
          signal.addEventListener('abort', done)
          wake = done
        })
      }
      isRung = false
    },
  }
}
