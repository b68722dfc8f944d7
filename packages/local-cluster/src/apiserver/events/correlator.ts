import { LRUCache } from 'lru-cache'
import type { EventToRecord } from '../../types/client.ts'

/** Objects and sources that are remembered, as client-go's caches. */
const mostRemembered = 4096
/** From the tenth different message of one reason on they are one event. The window begins anew with each of them. */
const mostSimilar = 10
const similarWindowMs = 10 * 60_000
/** Events of one source about one object: a burst of 25, then one every five minutes. */
const burst = 25
const refillMs = 5 * 60_000

/** What becomes of an event that was recorded. */
export interface Correlated {
  /** Name of the Event object. */
  name: string
  /** 1 for a new one. */
  count: number
  firstMs: number
  message: string
  /** Whether it stands for several that differ in their messages. */
  combined: boolean
  /** True where the source has said too much about the object: nothing is written. */
  dropped: boolean
}

/**
 * Keeps what is said within bounds, as EventCorrelator of client-go's tools/record: events of one source about one object that
 * differ only in their messages are combined, the same ones are counted, and floods are cut.
 */
export class EventCorrelator {
  readonly #similar = new LRUCache<string, { messages: Set<string>; lastMs: number }>({ max: mostRemembered })
  readonly #seen = new LRUCache<string, { name: string; count: number; firstMs: number }>({ max: mostRemembered })
  readonly #budgets = new LRUCache<string, { tokens: number; atMs: number }>({ max: mostRemembered })

  /** @param name what a new Event object would be called. */
  correlate(event: EventToRecord, name: string, nowMs: number): Correlated {
    const combined = this.#isOneTooMany(event, nowMs)
    const message = combined ? `(combined from similar events): ${event.message}` : event.message
    const key = combined ? similarKey(event) : sameKey(event)
    const seen = this.#seen.get(key)
    const next = {
      name: seen?.name ?? name,
      count: (seen?.count ?? 0) + 1,
      firstMs: seen?.firstMs ?? nowMs,
    }
    this.#seen.set(key, next)
    // Counted whether or not it is written.
    return { ...next, message, combined, dropped: !this.#spend(event, nowMs) }
  }

  #isOneTooMany(event: EventToRecord, nowMs: number): boolean {
    const key = similarKey(event)
    const known = this.#similar.get(key)
    const messages = known !== undefined && nowMs - known.lastMs <= similarWindowMs ? known.messages : new Set<string>()
    messages.add(event.message)
    this.#similar.set(key, { messages, lastMs: nowMs })
    if (messages.size < mostSimilar) return false
    const [first] = messages
    if (first !== undefined) messages.delete(first)
    return true
  }

  #spend(event: EventToRecord, nowMs: number): boolean {
    const key = JSON.stringify(aboutKey(event))
    const budget = this.#budgets.get(key) ?? { tokens: burst, atMs: nowMs }
    const tokens = Math.min(burst, budget.tokens + (nowMs - budget.atMs) / refillMs)
    const accepted = tokens >= 1
    this.#budgets.set(key, { tokens: accepted ? tokens - 1 : tokens, atMs: nowMs })
    return accepted
  }
}

function aboutKey({ about, component, host = '' }: EventToRecord): string[] {
  const { namespace = '', name, uid = '' } = about.metadata
  return [component, host, about.kind, namespace, name, uid, about.apiVersion]
}

function similarKey(event: EventToRecord): string {
  return JSON.stringify([...aboutKey(event), event.type, event.reason])
}

function sameKey(event: EventToRecord): string {
  return JSON.stringify([...aboutKey(event), event.fieldPath ?? '', event.type, event.reason, event.message])
}
