/** How long work goes on in one turn of the event loop, so that a large clean-up does not hold up requests. */
const sliceMs = 8
/** A key that took long waits this many times as long, at most this long, before it is worked on again. */
const restFactor = 2
const longestRestMs = 1_000

export interface KeyQueue {
  add(key: string): void
  stop(): void
}

/**
 * Runs `work` for every added key soon, each key once however often it was added in between. Work is synchronous and reads
 * everything itself; what it throws is reported, and the key comes back with the next event about it.
 */
export function createKeyQueue(work: (key: string) => void, onError: (error: unknown, key: string) => void): KeyQueue {
  const pending = new Set<string>()
  let scheduled: NodeJS.Immediate | null = null
  let stopped = false
  const resting = new Map<string, { timer: NodeJS.Timeout; again: boolean }>()
  const rest = (key: string, workedMs: number) => {
    const restMs = Math.min(workedMs * restFactor, longestRestMs)
    if (restMs < 1) return
    const timer = setTimeout(() => {
      const again = resting.get(key)?.again === true
      resting.delete(key)
      if (again) add(key)
    }, restMs)
    resting.set(key, { timer: timer.unref(), again: pending.delete(key) })
  }
  const run = () => {
    scheduled = null
    const beganAt = performance.now()
    for (const key of pending) {
      const before = performance.now()
      if (stopped || before - beganAt > sliceMs) break
      pending.delete(key)
      try {
        work(key)
      } catch (error) {
        onError(error, key)
      }
      rest(key, performance.now() - before)
    }
    if (pending.size > 0 && !stopped) schedule()
  }
  const schedule = () => {
    scheduled ??= setImmediate(run)
  }
  const add = (key: string) => {
    if (stopped) return
    const known = resting.get(key)
    if (known !== undefined) {
      known.again = true
      return
    }
    pending.add(key)
    schedule()
  }
  return {
    add,
    stop() {
      stopped = true
      pending.clear()
      for (const { timer } of resting.values()) clearTimeout(timer)
      resting.clear()
      if (scheduled !== null) clearImmediate(scheduled)
    },
  }
}
