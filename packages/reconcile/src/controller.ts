import { createWorkqueue, type Workqueue, type WorkqueueStats } from './workqueue.ts'

/** Thrown by a reconcile function when trying again without a change would fail in the same way: it is not retried. */
export class TerminalError extends Error {
  override name = 'TerminalError'
}

/** What a reconcile function may answer: ask for another look after a time, changes or not. */
export interface ReconcileResult {
  requeueAfterMs?: number
}

export interface ReconcileContext {
  /** Aborted when the controller stops and its grace is over. */
  signal: AbortSignal
}

/**
 * Brings one key to where it should be: reads everything, converges, can be called at any time and any number of times.
 * A throw is retried with back-off, a {@link TerminalError} is not.
 */
export type Reconcile = (
  key: string,
  context: ReconcileContext,
  // biome-ignore lint/suspicious/noConfusingVoidType: a function that asks for nothing returns nothing.
) => Promise<ReconcileResult | undefined | void>

export interface ControllerOptions {
  name: string
  reconcile: Reconcile
  /** Keys worked on at once. */
  concurrency?: number
  /** A queue of its own when absent. */
  queue?: Workqueue
  /** Told of every throw; the retry is already arranged. */
  onError?: (error: unknown, key: string, context: { terminal: boolean; failures: number }) => void
}

export interface ControllerStats extends WorkqueueStats {
  name: string
  runs: number
  errors: number
  terminalErrors: number
}

/** Workers on a queue of keys, in the manner of controller-runtime. */
export interface Controller {
  readonly name: string
  /** Asks for a look at the key. */
  enqueue(key: string): void
  enqueueAfter(key: string, delayMs: number): void
  start(): void
  /**
   * Takes no more keys, aborts the running ones after `graceMs` and resolves when all workers are idle. Keys that wait are
   * dropped: the next start enqueues all keys.
   */
  stop(graceMs?: number): Promise<void>
  stats(): ControllerStats
}

/** Makes a controller; it does nothing before `start`. */
export function createController(options: ControllerOptions): Controller {
  return new QueueController(options)
}

const DEFAULT_GRACE_MS = 10_000

class QueueController implements Controller {
  readonly name: string
  readonly #options: ControllerOptions
  readonly #queue: Workqueue
  readonly #abort = new AbortController()
  readonly #counters = { runs: 0, errors: 0, terminalErrors: 0 }
  #workers: Promise<void>[] = []
  #stopping = false

  constructor(options: ControllerOptions) {
    this.name = options.name
    this.#options = options
    this.#queue = options.queue ?? createWorkqueue()
  }

  enqueue(key: string): void {
    this.#queue.add(key)
  }

  enqueueAfter(key: string, delayMs: number): void {
    this.#queue.addAfter(key, delayMs)
  }

  start(): void {
    if (this.#workers.length > 0) throw new Error(`controller ${this.name} was started twice`)
    this.#workers = Array.from({ length: this.#options.concurrency ?? 1 }, () => this.#work())
  }

  async stop(graceMs = DEFAULT_GRACE_MS): Promise<void> {
    this.#stopping = true
    this.#queue.shutdown()
    const timer = setTimeout(() => this.#abort.abort(new Error(`controller ${this.name} stops`)), graceMs)
    await Promise.all(this.#workers)
    clearTimeout(timer)
  }

  stats(): ControllerStats {
    return { name: this.name, ...this.#counters, ...this.#queue.stats() }
  }

  async #work(): Promise<void> {
    for (;;) {
      const key = await this.#queue.take()
      if (key === null) return
      try {
        if (!this.#stopping) await this.#reconcile(key)
      } finally {
        this.#queue.done(key)
      }
    }
  }

  async #reconcile(key: string): Promise<void> {
    this.#counters.runs += 1
    try {
      const result = await this.#options.reconcile(key, { signal: this.#abort.signal })
      this.#queue.forget(key)
      if (result?.requeueAfterMs !== undefined) this.#queue.addAfter(key, result.requeueAfterMs)
    } catch (error) {
      this.#failed(key, error)
    }
  }

  #failed(key: string, error: unknown): void {
    const terminal = error instanceof TerminalError
    if (terminal) {
      this.#counters.terminalErrors += 1
      this.#queue.forget(key)
    } else {
      this.#counters.errors += 1
      this.#queue.addRateLimited(key)
    }
    this.#options.onError?.(error, key, { terminal, failures: this.#queue.failures(key) })
  }
}
