/** Keys worked on in one turn of the event loop, so that a large clean-up does not hold up requests. */
const keysPerTurn = 100

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
  const run = () => {
    scheduled = null
    let left = keysPerTurn
    for (const key of pending) {
      if (left === 0 || stopped) break
      left -= 1
      pending.delete(key)
      try {
        work(key)
      } catch (error) {
        onError(error, key)
      }
    }
    if (pending.size > 0 && !stopped) schedule()
  }
  const schedule = () => {
    scheduled ??= setImmediate(run)
  }
  return {
    add(key) {
      if (stopped) return
      pending.add(key)
      schedule()
    },
    stop() {
      stopped = true
      pending.clear()
      if (scheduled !== null) clearImmediate(scheduled)
    },
  }
}
