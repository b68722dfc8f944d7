import { type Exchange, isObject, type Recording, type WatchedEvent } from './recording.ts'

/** The recorded time of a request is that of its answer: what it caused may have been seen before, if it was not refused. */
const answerMs = { done: 100, refused: 20 }

/** Where a request stands in the recorded story. */
export interface Moment {
  /** What had been seen when the server handled the request, by resource, in order. */
  past: Map<string, WatchedEvent[]>
  /** How long nothing happened before it. */
  pauseMs: number
}

/**
 * The moment of each exchange. Versions count the writes to the whole cluster, so an answer that carries one says exactly what
 * came before it; elsewhere the times do, within what the answers around it say.
 */
export function momentsOf(recording: Recording): Moment[] {
  const events = Object.entries(recording.watch).flatMap(([resource, list]) =>
    list.map((event) => ({ resource, event, version: versionOf(event.object) })),
  )
  const { exchanges } = recording
  const bounds = exchanges.map((exchange, at) => boundsOf(exchange, exchanges.slice(0, at), events))
  for (let at = 1; at < bounds.length; at += 1) bounds[at]?.raise(bounds[at - 1]?.least ?? 0)
  for (let at = bounds.length - 2; at >= 0; at -= 1) bounds[at]?.lower(bounds[at + 1]?.most ?? Number.POSITIVE_INFINITY)
  return exchanges.map(({ atMs, response }, index) => {
    const cutMs = (atMs ?? 0) - (response.status < 400 ? answerMs.done : answerMs.refused)
    const { least = 0, most = 0 } = bounds[index] ?? {}
    const isPast = (version: number, eventMs: number) => version <= least || (version <= most && eventMs < cutMs)
    const seen = events.filter(({ event, version }) => isPast(version, event.atMs))
    const past = new Map<string, WatchedEvent[]>()
    for (const { resource, event } of seen) past.set(resource, [...(past.get(resource) ?? []), event])
    const before = [...seen.map(({ event }) => event.atMs), exchanges[index - 1]?.atMs ?? 0]
    return { past, pauseMs: seen.length === 0 ? 0 : Math.max(0, (atMs ?? 0) - Math.max(...before)) }
  })
}

/** The last version that certainly had been written, and the last one that may have been. */
class Bounds {
  least: number
  most: number

  constructor(least: number, most: number) {
    this.least = least
    this.most = most
  }

  raise(least: number): void {
    this.least = Math.max(this.least, least)
  }

  lower(most: number): void {
    this.most = Math.max(this.least, Math.min(this.most, most))
  }
}

interface Versioned {
  event: WatchedEvent
  version: number
}

function boundsOf(exchange: Exchange, earlier: readonly Exchange[], events: readonly Versioned[]): Bounds {
  const { request, response, atMs } = exchange
  const { body } = response
  const version = answerVersion(exchange)
  if (atMs === undefined) return new Bounds(0, -1)
  if (version === 0) return new Bounds(0, Number.POSITIVE_INFINITY)
  if (!isObject(body)) return new Bounds(version, version)
  const known =
    earlier.some((other) => answerVersion(other) === version) ||
    events.some(({ event, version: other }) => other === version && event.atMs < atMs - answerMs.done)
  if (request.method !== 'GET' && !known) return new Bounds(version - 1, version - 1)
  // Nothing was written: it was before the next write of this object.
  const later = events.filter(({ event, version: other }) => sameObject(event, body.metadata.uid) && other > version)
  return new Bounds(version, Math.min(Number.POSITIVE_INFINITY, ...later.map(({ version: other }) => other - 1)))
}

function sameObject({ object }: WatchedEvent, uid: string | undefined): boolean {
  return uid !== undefined && object.metadata.uid === uid
}

function versionOf({ metadata }: { metadata: { resourceVersion?: string } }): number {
  return Number(metadata.resourceVersion ?? 0)
}

/** The version in an object's or a list's metadata, 0 where there is none. */
function answerVersion({ response }: Exchange): number {
  const { body } = response
  const metadata: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'metadata') : undefined
  const version: unknown =
    typeof metadata === 'object' && metadata !== null ? Reflect.get(metadata, 'resourceVersion') : 0
  return Number(version ?? 0) || 0
}
