import { setTimeout as sleep } from 'node:timers/promises'
import { KubeApiError } from './errors.ts'
import type { ResourceType } from './kinds.ts'
import { readLines } from './lines.ts'
import { type KubeObject, pathOf } from './objects.ts'
import type { Transport } from './transport.ts'

/** Delays between attempts: `baseMs` doubling to `maxMs`, each shortened at random by up to half. */
export interface BackoffLike {
  baseMs: number
  maxMs: number
}

interface ListWatchOptions<T> {
  namespace?: string | undefined
  labelSelector?: string | undefined
  resyncMs: number
  silenceMs: number
  backoff?: BackoffLike | undefined
  /** `watchedUpTo`: version up to which a watch delivered, null where none did. */
  onReplace(objects: readonly T[], watchedUpTo: string | null): void
  onUpsert(object: T): void
  onDelete(object: T): void
}

interface ListPage<T> {
  metadata: { resourceVersion?: string; continue?: string }
  items: T[]
}
interface WatchLine<T> {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  object: T
}

const PAGE_SIZE = 500
/** The server ends a watch after this; ours ends it later when the server does not. */
const WATCH_SECONDS = 290
const MAX_LINE_BYTES = 8 * 1024 * 1024
const DEFAULT_BACKOFF: BackoffLike = { baseMs: 200, maxMs: 30_000 }

const RESYNC = 'resync'

/** Ends one watch on purpose: its state is thrown away or still good. */
class WatchEnd extends Error {
  readonly relist: boolean
  constructor(message: string, relist: boolean) {
    super(message)
    this.relist = relist
  }
}

/**
 * One list/watch loop that no way of ending stops but `stop`: a cut connection and a silent one resume from the last
 * resourceVersion, 410 and anything unreadable list anew, failures back off with jitter until there is progress.
 * Reference: https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
 */
export class ListWatch<T extends KubeObject> {
  readonly #transport: Transport
  readonly #type: ResourceType
  readonly #options: ListWatchOptions<T>
  readonly #backoff: BackoffLike
  readonly #abort = new AbortController()
  readonly #counters = { lists: 0, watches: 0, events: 0, failures: 0 }
  #loop: Promise<void> | undefined
  #resourceVersion: string | null = null
  #connected = false
  #currentAt: number | null = null
  #lastError: string | null = null
  #failuresInRow = 0
  #listedAt = 0

  constructor(transport: Transport, type: ResourceType, options: ListWatchOptions<T>) {
    this.#transport = transport
    this.#type = type
    this.#options = options
    this.#backoff = options.backoff ?? DEFAULT_BACKOFF
  }

  start(): void {
    this.#loop ??= this.#run()
  }

  async stop(): Promise<void> {
    this.#abort.abort()
    await this.#loop
  }

  stats() {
    return {
      connected: this.#connected,
      currentAt: this.#connected ? Date.now() : this.#currentAt,
      lastError: this.#lastError,
      ...this.#counters,
    }
  }

  async #run(): Promise<void> {
    let watchedUpTo: string | null = null
    while (!this.#abort.signal.aborted) {
      try {
        if (this.#resourceVersion === null) await this.#list(watchedUpTo)
        watchedUpTo = null
        await this.#watch()
      } catch (error) {
        if (this.#abort.signal.aborted) return
        if (error instanceof WatchEnd && error.message === RESYNC) {
          watchedUpTo = this.#resourceVersion
          this.#resourceVersion = null
        } else {
          await this.#failed(error)
        }
      }
    }
  }

  async #failed(error: unknown): Promise<void> {
    const expired = error instanceof KubeApiError && (error.status === 410 || error.reason === 'Expired')
    // Whatever is unexpected lists anew: a resume is right only where nothing but the connection failed.
    const resumable = !(error instanceof KubeApiError) && !(error instanceof WatchEnd && error.relist)
    if (!resumable) this.#resourceVersion = null
    this.#counters.failures += 1
    this.#failuresInRow += 1
    this.#lastError = error instanceof Error ? error.message : String(error)
    if (expired && this.#failuresInRow === 1) return
    const retryAfterMs = error instanceof KubeApiError ? (error.details?.retryAfterSeconds ?? 0) * 1000 : 0
    const exponential = Math.min(this.#backoff.baseMs * 2 ** Math.min(this.#failuresInRow - 1, 30), this.#backoff.maxMs)
    const delayMs = Math.max(retryAfterMs, exponential * (1 - Math.random() / 2))
    await sleep(delayMs, undefined, { signal: this.#abort.signal, ref: false }).catch(() => undefined)
  }

  #progress(): void {
    this.#failuresInRow = 0
    this.#lastError = null
    this.#currentAt = Date.now()
  }

  async #list(watchedUpTo: string | null): Promise<void> {
    const objects: T[] = []
    let next: string | undefined
    let resourceVersion = ''
    do {
      const page: ListPage<T> = await this.#transport.json('GET', pathOf(this.#type, this.#options.namespace), {
        query: { labelSelector: this.#options.labelSelector, limit: PAGE_SIZE, continue: next },
        signal: this.#abort.signal,
      })
      // Items of a list carry neither kind nor apiVersion.
      for (const item of page.items) objects.push({ ...item, apiVersion: this.#type.apiVersion, kind: this.#type.kind })
      next = page.metadata.continue || undefined
      resourceVersion = page.metadata.resourceVersion ?? ''
    } while (next !== undefined)
    this.#counters.lists += 1
    this.#listedAt = Date.now()
    this.#options.onReplace(objects, watchedUpTo)
    this.#resourceVersion = resourceVersion
    this.#progress()
  }

  /** Follows one watch until it ends; returns when it ended in the ordinary way. */
  async #watch(): Promise<void> {
    const controller = new AbortController()
    const signal = AbortSignal.any([this.#abort.signal, controller.signal])
    const silence = () => controller.abort(new WatchEnd('the watch fell silent', false))
    let watchdog = setTimeout(silence, this.#options.silenceMs)
    const resync = setTimeout(
      () => controller.abort(new WatchEnd(RESYNC, true)),
      Math.max(0, this.#listedAt + this.#options.resyncMs - Date.now()),
    )
    try {
      const body = await this.#transport.stream(pathOf(this.#type, this.#options.namespace), {
        query: {
          watch: true,
          allowWatchBookmarks: true,
          resourceVersion: this.#resourceVersion ?? undefined,
          timeoutSeconds: WATCH_SECONDS,
          labelSelector: this.#options.labelSelector,
        },
        signal,
      })
      this.#counters.watches += 1
      this.#connected = true
      const openedAt = Date.now()
      let lines = 0
      for await (const line of readLines(body, MAX_LINE_BYTES)) {
        clearTimeout(watchdog)
        watchdog = setTimeout(silence, this.#options.silenceMs)
        this.#take(line)
        lines += 1
      }
      // A server that ends every watch at once must not be asked in a tight loop.
      if (lines === 0 && Date.now() - openedAt < 1_000) throw new WatchEnd('the watch ended at once', false)
    } catch (error) {
      throw controller.signal.aborted ? controller.signal.reason : error
    } finally {
      this.#connected = false
      clearTimeout(watchdog)
      clearTimeout(resync)
      controller.abort()
    }
  }

  #take(line: string): void {
    const event: WatchLine<T> = parse(line)
    if (event.type === 'ERROR') throw errorOf(event.object)
    const resourceVersion = event.object.metadata?.resourceVersion
    if (resourceVersion === undefined) throw new WatchEnd('an event without resourceVersion', true)
    if (event.type !== 'BOOKMARK') this.#counters.events += 1
    if (event.type === 'ADDED' || event.type === 'MODIFIED') this.#options.onUpsert(event.object)
    if (event.type === 'DELETED') this.#options.onDelete(event.object)
    this.#resourceVersion = resourceVersion
    this.#progress()
  }
}

function parse<T>(line: string): WatchLine<T> {
  try {
    const event: WatchLine<T> = JSON.parse(line)
    if (typeof event?.type === 'string' && typeof event.object === 'object' && event.object !== null) return event
  } catch {
    // A line cut in two; said below.
  }
  throw new WatchEnd('an event that cannot be read', true)
}

/** The Status of an ERROR event. */
function errorOf(object: unknown): KubeApiError {
  const status = typeof object === 'object' && object !== null ? object : {}
  const code = 'code' in status && typeof status.code === 'number' ? status.code : 500
  const reason = 'reason' in status && typeof status.reason === 'string' ? status.reason : ''
  const message = 'message' in status && typeof status.message === 'string' ? status.message : 'the watch failed'
  return new KubeApiError(code, reason, message)
}
