import { AppError } from '@slipway/domain'

export interface FairLimiterOptions {
  /** Pieces of work under way at once. */
  atOnce: number
  /** Of these, for one key. */
  perKey: number
  /** The same while other keys ask for something, too; `perKey` when not given. What they ask is short, and waits for what runs. */
  perKeyBesideOthers?: number
  /** Pieces of one key that wait; one more is refused. */
  waitingPerKey: number
  /** What is refused, for people: "calls". */
  what: string
}

/** Runs work with bounds, and lets keys (callers, addresses, hooks) take turns: one that asks a lot waits behind itself only. */
export interface FairLimiter {
  /** Runs `work` when it is the key's turn. Throws `rate_limited` where too much of the key waits already. */
  run<T>(key: string, work: () => Promise<T>): Promise<T>
  stats(): { running: number; waiting: number; refused: number }
}

interface Lane {
  running: number
  waiting: (() => void)[]
}

const MAX_LANES = 20_000
const RETRY_AFTER_MS = 1000
/** So long after it asked a key counts as one of the others. */
const PRESENT_MS = 1000

export function createFairLimiter(options: FairLimiterOptions): FairLimiter {
  const { atOnce, perKey, perKeyBesideOthers = perKey, waitingPerKey, what } = options
  const shareOf = createShare(perKey, Math.min(perKey, perKeyBesideOthers))
  /** In the order of their turns: one that was served goes to the end. */
  const lanes = new Map<string, Lane>()
  const counters = { running: 0, waiting: 0, refused: 0 }

  function laneOf(key: string): Lane {
    const known = lanes.get(key)
    if (known !== undefined) return known
    if (lanes.size >= MAX_LANES) throw refusal()
    const lane = { running: 0, waiting: [] }
    lanes.set(key, lane)
    return lane
  }
  function refusal(): AppError {
    counters.refused++
    const text = `Too many ${what} at once: ${perKey} run and ${waitingPerKey} wait at most. Try again in a moment.`
    return new AppError('rate_limited', text, { retryAfterMs: RETRY_AFTER_MS })
  }
  function begin(key: string, lane: Lane): void {
    lane.running++
    counters.running++
    lanes.delete(key)
    lanes.set(key, lane)
  }
  function end(key: string, lane: Lane): void {
    lane.running--
    counters.running--
    lanes.delete(key)
    if (lane.running > 0 || lane.waiting.length > 0) lanes.set(key, lane)
    for (const [nextKey, next] of lanes) {
      if (next.running >= shareOf(nextKey)) continue
      const start = next.waiting.shift()
      if (start === undefined) continue
      counters.waiting--
      begin(nextKey, next)
      start()
      return
    }
  }
  return {
    async run(key, work) {
      const lane = laneOf(key)
      shareOf.saw(key)
      if (counters.running < atOnce && lane.running < shareOf(key)) begin(key, lane)
      else {
        if (lane.waiting.length >= waitingPerKey) throw refusal()
        counters.waiting++
        await new Promise<void>((resolve) => lane.waiting.push(resolve))
      }
      try {
        return await work()
      } finally {
        end(key, lane)
      }
    },
    stats: () => ({ ...counters }),
  }
}

/** How much a key may run: `alone`, or `beside` while another one has asked lately. Knows the last two that asked: no more is needed. */
function createShare(alone: number, beside: number): { (key: string): number; saw(key: string): void } {
  let last = { key: '', atMs: Number.NEGATIVE_INFINITY }
  let before = last
  const share = (key: string) => {
    const other = last.key === key ? before : last
    return performance.now() - other.atMs < PRESENT_MS ? beside : alone
  }
  const saw = (key: string) => {
    if (last.key !== key) before = last
    last = { key, atMs: performance.now() }
  }
  return Object.assign(share, { saw })
}

/** Counts what keys hold for longer: sockets, streams. */
export interface HeldLimiter {
  /** Takes one; the function gives it back, once. Null where the key has all that it may hold. */
  take(key: string): (() => void) | null
  readonly size: number
}

export function createHeldLimiter(perKey: number): HeldLimiter {
  const held = new Map<string, number>()
  let size = 0
  return {
    take(key) {
      const count = held.get(key) ?? 0
      if (count >= perKey) return null
      held.set(key, count + 1)
      size++
      let given = false
      return () => {
        if (given) return
        given = true
        size--
        const left = (held.get(key) ?? 1) - 1
        if (left > 0) held.set(key, left)
        else held.delete(key)
      }
    },
    get size() {
      return size
    },
  }
}
