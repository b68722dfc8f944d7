import { LRUCache } from 'lru-cache'
import type { EventToRecord } from '../../types/client.ts'

/** A series that saw nothing for this long is over; the next event is a new one. */
const finishedAfterMs = 6 * 60_000
const mostRemembered = 4096

interface Series {
  namespace: string
  name: string
  count: number
  lastMs: number
  written: number
}

export interface SeriesUpdate {
  namespace: string
  name: string
  count: number
  lastMs: number
}

/**
 * Counts events of the events.k8s.io form, as client-go's tools/events: the second one is written as a series, later ones when
 * the series is over. Messages do not tell events apart, the version of the object does.
 */
export class EventSeries {
  readonly #known = new LRUCache<string, Series>({ max: mostRemembered })

  /**
   * What is to be written of series that go on or are over.
   * @returns null for an event that begins something: it is to be created under `name`.
   */
  repeat(event: EventToRecord, namespace: string, name: string, nowMs: number): SeriesUpdate | 'later' | null {
    const key = keyOf(event)
    const known = this.#known.get(key)
    if (known === undefined) {
      this.#known.set(key, { namespace, name, count: 1, lastMs: nowMs, written: 1 })
      return null
    }
    known.count += 1
    known.lastMs = nowMs
    if (known.written > 1) return 'later'
    known.written = known.count
    return known
  }

  /** Forgets series that are over; those that went on since they were written are answered. */
  finish(nowMs: number): SeriesUpdate[] {
    const over: [key: string, series: Series][] = []
    // What was not used for longest was not seen for longest: the first that goes on ends the search.
    for (const key of this.#known.rkeys()) {
      const series = this.#known.peek(key)
      if (series === undefined || nowMs - series.lastMs <= finishedAfterMs) break
      over.push([key, series])
    }
    for (const [key] of over) this.#known.delete(key)
    return over.map(([, series]) => series).filter(({ count, written }) => count > written)
  }

  /** The object of a series is gone: what comes next is new. */
  forget(event: EventToRecord): void {
    this.#known.delete(keyOf(event))
  }
}

function keyOf({ about, fieldPath = '', component, host = '', type, reason, action = '' }: EventToRecord): string {
  const { namespace = '', name, uid = '', resourceVersion = '' } = about.metadata
  const regarding = [about.kind, about.apiVersion, namespace, name, uid, resourceVersion, fieldPath]
  return JSON.stringify([component, host, type, reason, action, ...regarding])
}
