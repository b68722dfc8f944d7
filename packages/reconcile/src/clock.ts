/** The time a queue lives in; injected, so that tests decide when it passes. */
export interface Clock {
  /** Milliseconds; only differences mean something. */
  now(): number
  /** Calls `fn` once after `delayMs`. The returned function takes it back. */
  after(delayMs: number, fn: () => void): () => void
}

/** Longest delay that Node's timers take (2^31 - 1 ms, about 25 days). */
const LONGEST_TIMER_MS = 2_147_483_647

/** The machine's monotonic clock. Its timers do not keep the process alive. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after(delayMs, fn) {
    const timer = setTimeout(fn, Math.min(Math.max(delayMs, 0), LONGEST_TIMER_MS))
    timer.unref()
    return () => clearTimeout(timer)
  },
}

/** A clock that stands still until it is told to go on. */
export interface ManualClock extends Clock {
  /** Lets time pass; what falls due runs in order, each at its own time, and promises settle in between. */
  advance(byMs: number): Promise<void>
  /** Timers not yet due. */
  readonly pending: number
}

/** Lets every promise that can settle now do so. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve))

/** Makes a clock for tests, standing at `startMs`. */
export function createManualClock(startMs = 0): ManualClock {
  let now = startMs
  let sequence = 0
  let timers: { at: number; sequence: number; fn: () => void }[] = []
  return {
    now: () => now,
    get pending() {
      return timers.length
    },
    after(delayMs, fn) {
      const timer = { at: now + Math.max(delayMs, 0), sequence: sequence++, fn }
      timers.push(timer)
      return () => {
        timers = timers.filter((other) => other !== timer)
      }
    },
    async advance(byMs) {
      const target = now + byMs
      await settle()
      for (;;) {
        const due = timers.filter((timer) => timer.at <= target)
        const next = due.sort((a, b) => a.at - b.at || a.sequence - b.sequence)[0]
        if (next === undefined) break
        timers = timers.filter((timer) => timer !== next)
        now = Math.max(now, next.at)
        next.fn()
        await settle()
      }
      now = target
      await settle()
    },
  }
}
