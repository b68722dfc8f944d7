import type { IncomingMessage, ServerResponse } from 'node:http'
import type { StoredEvent } from '../../store/history.ts'
import type { ApiCore } from '../core/core.ts'
import { type Selected, select } from '../core/select.ts'
import { eventsSince, visibleEvent } from '../core/watch.ts'
import { ApiError, badRequest, expired } from '../errors.ts'
import type { KubernetesObject } from '../objects.ts'
import { EventLine } from './json-texts.ts'
import { nonNegativeInteger } from './list.ts'
import { negotiate, partialMetadata, type Representation } from './negotiate.ts'
import { flag, type ResourceRequest } from './request-info.ts'
import { reportOf } from './respond.ts'
import { tableOf } from './tables/table.ts'
import { inVersion, namedType } from './versions.ts'

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
  const { query, strategy } = parsed
  const fieldSelector = [
    query.get('fieldSelector') ?? '',
    parsed.name === undefined ? '' : `metadata.name=${parsed.name}`,
  ]
  const selected = select(strategy, {
    namespace: parsed.namespace,
    labelSelector: query.get('labelSelector') ?? '',
    fieldSelector: fieldSelector.filter((part) => part !== '').join(','),
  })
  const stream = new WatchStream(parsed, response, representation, limits, counters)
  let past: StoredEvent[] = []
  try {
    past = pastEvents(core, parsed, stream, selected)
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 410) throw error
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
  const timeoutSeconds = nonNegativeInteger(query, 'timeoutSeconds') || leastTimeoutSeconds * (1 + Math.random())
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
function pastEvents(core: ApiCore, parsed: ResourceRequest, stream: WatchStream, selected: Selected): StoredEvent[] {
  const { query, strategy, namespace } = parsed
  const text = query.get('resourceVersion') ?? ''
  if (text !== '' && !/^\d+$/.test(text)) throw badRequest(`Invalid value: "${text}": must be a number`)
  const initial = query.get('sendInitialEvents')
  if (initial !== null && query.get('resourceVersionMatch') !== 'NotOlderThan') {
    throw badRequest('resourceVersionMatch=NotOlderThan is required when sendInitialEvents is specified')
  }
  const current = core.store.revision
  // A version from the future was handed out before a crash of the machine: the client's picture is of a lost world.
  if (Number(text) > current) throw expired(`too old resource version: ${text} (${current})`)
  if (flag(query, 'sendInitialEvents') || ((text === '' || text === '0') && initial === null)) {
    const found = core.store.list(strategy.type, namespace, selected.candidates).filter(selected.matches)
    for (const object of found) stream.queueInitial(object)
    if (flag(query, 'sendInitialEvents') && flag(query, 'allowWatchBookmarks')) stream.queueInitialEnd(current)
    return []
  }
  return text === '' || text === '0' ? [] : eventsSince(core.store, strategy, Number(text))
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
    if (this.#representation === 'metadata') return partialMetadata(object)
    if (this.#representation !== 'table') return inVersion(this.#parsed, object)
    const { strategy, query } = this.#parsed
    const table = tableOf(strategy, [object], {}, query.get('includeObject'), !this.#sentColumns)
    this.#sentColumns = true
    return table
  }

  bookmark(revision: number, annotations?: Record<string, string>): void {
    const { kind, apiVersion } = namedType(this.#parsed)
    const metadata = { resourceVersion: String(revision), ...(annotations === undefined ? {} : { annotations }) }
    const object =
      this.#representation === 'table'
        ? { kind: 'Table', apiVersion: 'meta.k8s.io/v1', metadata, columnDefinitions: null, rows: null }
        : this.#representation === 'metadata'
          ? { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata }
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
