import type { IncomingMessage, ServerResponse } from 'node:http'
import type { StoredEvent } from '../../store/history.ts'
import { ApiError, expired } from '../../types/errors.ts'
import type { KubernetesObject } from '../../types/objects.ts'
import type { ApiCore } from '../core/core.ts'
import { type Selected, select } from '../core/select.ts'
import { eventsSince, visibleEvent } from '../core/watch.ts'
import { EventLine } from './json-texts.ts'
import { type ListOptions, listOptions, noRevision, revisionOf, tooLargeRevision } from './list-options.ts'
import { negotiate, type Representation } from './negotiate.ts'
import { flag, type ResourceRequest } from './request-info.ts'
import { reportOf } from './respond.ts'
import { includedObject, tableOf } from './tables/table.ts'

export interface WatchLimits {
  bookmarkIntervalMs: number
  /** A client that reads slower than this fills up is cut off; it resumes from what it has seen. */
  mostBufferedBytes: number
}

export const defaultWatchLimits: WatchLimits = { bookmarkIntervalMs: 60_000, mostBufferedBytes: 16 * 1024 * 1024 }
const leastTimeoutSeconds = 1800

export interface WatchCounters {
  open: number
  events: number
  cutOff: number
}

/** Streams a watch until its timeout or the client's end. Errors after the start are ERROR events, as on the real server. */
export function serveWatch(
  core: ApiCore,
  parsed: ResourceRequest,
  request: IncomingMessage,
  response: ServerResponse,
  limits: WatchLimits,
  counters: WatchCounters,
): void {
  const representation = negotiate(request.headers.accept)
  if (representation === 'table') includedObject(parsed.query)
  const { query, strategy } = parsed
  const selected = select(strategy, {
    namespace: parsed.namespace,
    labelSelector: query.get('labelSelector') ?? '',
    fieldSelector: query.get('fieldSelector') ?? '',
  })
  const options = listOptions(query)
  const stream = new WatchStream(parsed, response, representation, limits, counters)
  let past: StoredEvent[] = []
  try {
    past = pastEvents(core, parsed, options, stream, selected)
  } catch (error) {
    if (!(error instanceof ApiError) || (error.code !== 410 && error.code !== 504)) throw error
    stream.start()
    stream.send({ type: 'ERROR', object: reportOf(error).status })
    stream.end()
    return
  }
  stream.start()
  const deliver = (event: StoredEvent) => {
    const visible = visibleEvent(event, selected.matches)
    if (visible !== null) stream.sendObject(visible.type, visible.object)
  }
  for (const event of past) deliver(event)
  stream.flushInitial()
  const unsubscribe = core.store.subscribe(strategy.type, deliver)
  const bookmarks = flag(query, 'allowWatchBookmarks')
    ? setInterval(() => stream.bookmark(core.store.revision), limits.bookmarkIntervalMs)
    : null
  const timeoutSeconds = options.timeoutSeconds || leastTimeoutSeconds * (1 + Math.random())
  const timer = setTimeout(() => stream.end(), Math.min(timeoutSeconds * 1000, 2 ** 31 - 1))
  counters.open += 1
  response.once('close', () => {
    counters.open -= 1
    unsubscribe()
    clearTimeout(timer)
    if (bookmarks !== null) clearInterval(bookmarks)
  })
}

/** What the client has not seen: the events since its version, or everything where it names none. */
function pastEvents(
  core: ApiCore,
  { query, strategy, namespace }: ResourceRequest,
  { resourceVersion, sendInitialEvents }: ListOptions,
  stream: WatchStream,
  selected: Selected,
): StoredEvent[] {
  const from = resourceVersion === '' ? 0 : revisionOf(resourceVersion)
  if (from === undefined) throw new ApiError(500, undefined, noRevision(resourceVersion))
  const current = core.store.revision
  if (from > current) {
    if (sendInitialEvents) throw tooLargeRevision(from, current)
    // A version from the future was handed out before a crash of the machine: the client's picture is of a lost world.
    throw expired(`too old resource version: ${from} (${current})`)
  }
  if (sendInitialEvents) {
    const found = core.store.list(strategy.type, namespace, selected.candidates).filter(selected.matches)
    for (const object of found) stream.queueInitial(object)
    const asked = (query.get('sendInitialEvents') ?? '') !== ''
    if (asked && flag(query, 'allowWatchBookmarks')) stream.queueInitialEnd(current)
    return []
  }
  return from === 0 ? [] : eventsSince(core.store, strategy, from)
}

const lastLine = new EventLine()

class WatchStream {
  readonly #parsed: ResourceRequest
  readonly #response: ServerResponse
  readonly #representation: Representation
  readonly #limits: WatchLimits
  readonly #counters: WatchCounters
  readonly #initial: KubernetesObject[] = []
  #initialEnd: number | null = null
  #sentColumns = false

  constructor(
    parsed: ResourceRequest,
    response: ServerResponse,
    representation: Representation,
    limits: WatchLimits,
    counters: WatchCounters,
  ) {
    this.#parsed = parsed
    this.#response = response
    this.#representation = representation
    this.#limits = limits
    this.#counters = counters
  }

  queueInitial(object: KubernetesObject): void {
    this.#initial.push(object)
  }

  queueInitialEnd(revision: number): void {
    this.#initialEnd = revision
  }

  start(): void {
    this.#response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-cache, private' })
    this.#response.flushHeaders()
  }

  flushInitial(): void {
    for (const object of this.#initial) this.sendObject('ADDED', object)
    if (this.#initialEnd !== null) {
      this.bookmark(this.#initialEnd, { 'k8s.io/initial-events-end': 'true' })
    }
  }

  sendObject(type: string, object: KubernetesObject): void {
    this.#counters.events += 1
    const shown = this.#represent(object)
    if (shown === object) this.#write(lastLine.get(type, object))
    else this.send({ type, object: shown })
  }

  #represent(object: KubernetesObject): unknown {
    if (this.#representation !== 'table') return object
    const { strategy, query } = this.#parsed
    const { resourceVersion } = object.metadata
    const table = tableOf(strategy, [object], { resourceVersion }, includedObject(query), !this.#sentColumns)
    this.#sentColumns = true
    return table
  }

  bookmark(revision: number, annotations?: Record<string, string>): void {
    const { kind, apiVersion } = this.#parsed.strategy.type
    const metadata = { resourceVersion: String(revision), ...(annotations === undefined ? {} : { annotations }) }
    const object =
      this.#representation === 'table'
        ? { kind: 'Table', apiVersion: 'meta.k8s.io/v1', metadata, columnDefinitions: null, rows: null }
        : { kind, apiVersion, metadata }
    this.send({ type: 'BOOKMARK', object })
  }

  send(event: unknown): void {
    this.#write(`${JSON.stringify(event)}\n`)
  }

  #write(line: string | Buffer): void {
    if (this.#response.destroyed || this.#response.writableEnded) return
    this.#response.write(line)
    if (this.#response.writableLength > this.#limits.mostBufferedBytes) {
      this.#counters.cutOff += 1
      this.#response.destroy()
    }
  }

  end(): void {
    if (!this.#response.writableEnded) this.#response.end()
  }
}
