import type { KubernetesObject } from '../types/objects.ts'

export interface StoredEvent {
  revision: number
  type: 'ADDED' | 'MODIFIED' | 'DELETED'
  /** `deployments.apps`, `pods`. */
  resource: string
  /** For DELETED the last state, with the deletion's resourceVersion. */
  object: KubernetesObject
  /** The state before; null for ADDED. */
  previous: KubernetesObject | null
  /** Of the object as text; 0 for DELETED, which brings nothing new. */
  characters: number
}

/** The event that takes this one back. */
export function reversed(event: StoredEvent): StoredEvent {
  const { previous, object } = event
  if (previous === null) return { ...event, type: 'DELETED', previous: object }
  return {
    ...event,
    type: event.type === 'DELETED' ? 'ADDED' : 'MODIFIED',
    object: previous,
    previous: event.type === 'DELETED' ? null : object,
  }
}

/** Most text of one resource's events: a few thousand versions of an object of a megabyte would be gigabytes. */
const mostCharacters = 32 * 1024 * 1024

/** The last `limit` events of one resource, fewer where they are large: what a watch can resume from and a continued list can look back to. */
export class EventHistory {
  #events: StoredEvent[] = []
  #oldestKnown: number
  readonly #limit: number
  #characters = 0
  dropped = 0

  /** @param startRevision the revision from which on nothing is missing. */
  constructor(startRevision: number, limit: number) {
    this.#oldestKnown = startRevision
    this.#limit = limit
  }

  add(event: StoredEvent): void {
    this.#events.push(event)
    this.#characters += event.characters
    // Trimmed in blocks, so that a full history does not move its array on every write.
    if (this.#events.length > this.#limit * 1.25) this.#drop(this.#events.length - this.#limit)
    else if (this.#characters > mostCharacters) this.#drop(Math.ceil(this.#events.length / 4))
  }

  #drop(count: number): void {
    const removed = this.#events.splice(0, count)
    for (const { characters } of removed) this.#characters -= characters
    this.dropped += removed.length
    this.#oldestKnown = removed.at(-1)?.revision ?? this.#oldestKnown
  }

  /** Revisions older than this are gone: answered with 410. */
  get oldestKnown(): number {
    return this.#oldestKnown
  }

  /** Events after `revision`, oldest first; null where some of them are gone. */
  since(revision: number): StoredEvent[] | null {
    if (revision < this.#oldestKnown) return null
    let low = 0
    let high = this.#events.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#events[middle]?.revision ?? 0) > revision) high = middle
      else low = middle + 1
    }
    return this.#events.slice(low)
  }
}
