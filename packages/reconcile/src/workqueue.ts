import { type BackoffOptions, backoffMs, DEFAULT_BACKOFF } from './backoff.ts'
import { type Clock, systemClock } from './clock.ts'
import { FairLine } from './fair-line.ts'
import { createTokenBucket, DEFAULT_RATE_LIMIT, type RateLimitOptions } from './token-bucket.ts'

export interface WorkqueueOptions {
  clock?: Clock
  /** Per-key back-off of `addRateLimited`. */
  backoff?: BackoffOptions
  /** Limit over all keys of `addRateLimited`. */
  rateLimit?: RateLimitOptions
  /**
   * After work that took `leastMs` or more a key rests for as long as that, at most `maxMs`, before it is handed out again.
   * Default: none.
   */
  rest?: { leastMs: number; maxMs: number }
  /** Whose a key is: groups take turns, so that the many keys of one do not delay another's. Default: all are of one group. */
  groupOf?: (key: string) => string
  /** In [0, 1), for the jitter. */
  random?: () => number
  observer?: WorkObserver
}

/** Told of the times of every key, in ms: for histograms, which counters cannot give. */
export interface WorkObserver {
  /** How long it waited for a worker. */
  waited(ms: number): void
  /** How long a worker held it. */
  worked(ms: number): void
}

/** Counters since the queue was made; depths are of now. */
export interface WorkqueueStats {
  /** Keys that wait for a worker. */
  depth: number
  /** Keys that a worker holds. */
  processing: number
  /** Keys that wait for their time. */
  delayed: number
  /** Keys accepted into the queue; a key that was already waiting does not count again. */
  adds: number
  /** Calls of `addRateLimited`. */
  retries: number
  /** Sum, count and maximum of the time between a key's entry and its worker, in ms. */
  latencyMs: { total: number; count: number; max: number }
  /** How long workers held keys, in ms. */
  workMs: { total: number; count: number; max: number }
}

/**
 * A queue of keys with the semantics of client-go's `workqueue` (k8s.io/client-go/util/workqueue):
 * - a key that is added again while it waits is there once;
 * - a key that is added while a worker holds it waits until `done`, then enters again: one key, one worker at a time;
 * - keys are served first in, first out, within a group; groups take turns.
 */
export interface Workqueue {
  add(key: string): void
  /** Adds later. Of several times for one key the earliest counts. */
  addAfter(key: string, delayMs: number): void
  /** Adds after the key's back-off, which doubles with every call until `forget`, and the rate limit over all keys. */
  addRateLimited(key: string): void
  /** Ends the key's back-off. */
  forget(key: string): void
  /** Calls of `addRateLimited` since the last `forget`. */
  failures(key: string): number
  /** Resolves to the next key, to null once the queue is shut down and empty. Every key taken must be given to `done`. */
  take(): Promise<string | null>
  done(key: string): void
  /** Takes no more keys. What waits for its time is dropped, what waits for a worker is still served. */
  shutdown(): void
  /** `shutdown`, and resolves when every key has been served and is done. */
  drain(): Promise<void>
  readonly shuttingDown: boolean
  stats(): WorkqueueStats
}

/** Makes an empty queue. */
export function createWorkqueue(options: WorkqueueOptions = {}): Workqueue {
  return new KeyQueue(options)
}

interface Delayed {
  at: number
  cancel: () => void
}

const emptyTimes = () => ({ total: 0, count: 0, max: 0 })

class KeyQueue implements Workqueue {
  readonly #waiting = new FairLine()
  readonly #whose: (key: string) => string
  readonly #processing = new Map<string, number>()
  /** Done, but not to be handed out yet: how to end its rest. */
  readonly #resting = new Map<string, () => void>()
  /** Added while processing or resting: waits for the end of that. */
  readonly #dirty = new Set<string>()
  readonly #delayed = new Map<string, Delayed>()
  readonly #failures = new Map<string, number>()
  readonly #takers: ((key: string | null) => void)[] = []
  readonly #drained: (() => void)[] = []
  readonly #clock: Clock
  readonly #backoff: BackoffOptions
  readonly #bucket
  readonly #random: () => number
  readonly #observer: WorkObserver | undefined
  readonly #rest: { leastMs: number; maxMs: number }
  readonly #counters = { adds: 0, retries: 0, latencyMs: emptyTimes(), workMs: emptyTimes() }
  #shuttingDown = false

  constructor(options: WorkqueueOptions) {
    this.#clock = options.clock ?? systemClock
    this.#backoff = options.backoff ?? DEFAULT_BACKOFF
    this.#bucket = createTokenBucket(options.rateLimit ?? DEFAULT_RATE_LIMIT)
    this.#random = options.random ?? Math.random
    this.#whose = options.groupOf ?? (() => '')
    this.#observer = options.observer
    this.#rest = options.rest ?? { leastMs: Number.POSITIVE_INFINITY, maxMs: 0 }
  }

  get shuttingDown(): boolean {
    return this.#shuttingDown
  }

  add(key: string): void {
    if (this.#shuttingDown || this.#waiting.has(key) || this.#dirty.has(key)) return
    this.#counters.adds += 1
    if (this.#processing.has(key) || this.#resting.has(key)) this.#dirty.add(key)
    else this.#enqueue(key)
  }

  addAfter(key: string, delayMs: number): void {
    if (this.#shuttingDown) return
    if (delayMs <= 0) {
      this.add(key)
      return
    }
    const at = this.#clock.now() + delayMs
    const present = this.#delayed.get(key)
    if (present !== undefined && present.at <= at) return
    present?.cancel()
    const cancel = this.#clock.after(delayMs, () => {
      this.#delayed.delete(key)
      this.add(key)
    })
    this.#delayed.set(key, { at, cancel })
  }

  addRateLimited(key: string): void {
    const failures = this.failures(key) + 1
    this.#failures.set(key, failures)
    this.#counters.retries += 1
    const limitMs = this.#bucket.reserve(this.#clock.now())
    this.addAfter(key, Math.max(backoffMs(this.#backoff, failures, this.#random()), limitMs))
  }

  forget(key: string): void {
    this.#failures.delete(key)
  }

  failures(key: string): number {
    return this.#failures.get(key) ?? 0
  }

  take(): Promise<string | null> {
    const next = this.#waiting.shift()
    if (next !== null) return Promise.resolve(this.#hand(next.key, next.at))
    if (this.#shuttingDown) return Promise.resolve(null)
    return new Promise((resolve) => this.#takers.push(resolve))
  }

  done(key: string): void {
    const takenAt = this.#processing.get(key)
    if (takenAt === undefined) throw new Error(`done("${key}") without take`)
    const workedMs = this.#clock.now() - takenAt
    note(this.#counters.workMs, workedMs)
    this.#observer?.worked(workedMs)
    this.#processing.delete(key)
    if (workedMs < this.#rest.leastMs || this.#shuttingDown) {
      this.#release(key)
      return
    }
    const restMs = Math.min(workedMs, this.#rest.maxMs)
    const cancel = this.#clock.after(restMs, () => this.#release(key))
    this.#resting.set(key, cancel)
  }

  /** The key may be handed out again. */
  #release(key: string): void {
    this.#resting.delete(key)
    if (this.#dirty.delete(key)) this.#enqueue(key)
    this.#settleDrain()
  }

  shutdown(): void {
    this.#shuttingDown = true
    for (const { cancel } of this.#delayed.values()) cancel()
    this.#delayed.clear()
    for (const [key, cancel] of [...this.#resting]) {
      cancel()
      this.#release(key)
    }
    for (const taker of this.#takers.splice(0)) taker(null)
    this.#settleDrain()
  }

  drain(): Promise<void> {
    this.shutdown()
    return new Promise((resolve) => {
      this.#drained.push(resolve)
      this.#settleDrain()
    })
  }

  stats(): WorkqueueStats {
    const { adds, retries, latencyMs, workMs } = this.#counters
    return {
      depth: this.#waiting.size + this.#dirty.size,
      processing: this.#processing.size,
      delayed: this.#delayed.size,
      adds,
      retries,
      latencyMs: { ...latencyMs },
      workMs: { ...workMs },
    }
  }

  #enqueue(key: string): void {
    const now = this.#clock.now()
    const taker = this.#takers.shift()
    if (taker === undefined) this.#waiting.add(key, this.#whose(key), now)
    else taker(this.#hand(key, now))
  }

  #hand(key: string, enteredAt: number): string {
    const now = this.#clock.now()
    note(this.#counters.latencyMs, now - enteredAt)
    this.#observer?.waited(now - enteredAt)
    this.#processing.set(key, now)
    return key
  }

  #settleDrain(): void {
    if (!this.#shuttingDown || this.#waiting.size > 0 || this.#processing.size > 0) return
    for (const resolve of this.#drained.splice(0)) resolve()
  }
}

function note(times: { total: number; count: number; max: number }, ms: number): void {
  times.total += ms
  times.count += 1
  times.max = Math.max(times.max, ms)
}
