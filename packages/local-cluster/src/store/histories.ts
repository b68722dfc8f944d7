import type { KubernetesObject } from '../types/objects.ts'
import { EventHistory, type StoredEvent } from './history.ts'

/** The history of each resource. */
export class EventHistories {
  readonly #byResource = new Map<string, EventHistory>()
  readonly #limit: number
  #startRevision = 0

  /** @param limit events kept of each resource */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** Forgets all: nothing earlier than the revision is known. */
  begin(revision: number): void {
    this.#byResource.clear()
    this.#startRevision = revision
  }

  of(resource: string): EventHistory {
    const found = this.#byResource.get(resource)
    if (found !== undefined) return found
    const made = new EventHistory(this.#startRevision, this.#limit)
    this.#byResource.set(resource, made)
    return made
  }

  add(event: StoredEvent): void {
    this.of(event.resource).add(event)
  }
}

/**
 * The objects as they stood before events happened to them.
 * @param events oldest first; of all namespaces, those of others than `namespace` are not looked at
 */
export function before(
  events: readonly StoredEvent[],
  present: readonly KubernetesObject[],
  namespace: string | undefined,
): KubernetesObject[] {
  const objects = new Map(present.map((object) => [keyOf(object), object]))
  for (const { object, previous } of events.toReversed()) {
    if (namespace !== undefined && object.metadata.namespace !== namespace) continue
    if (previous === null) objects.delete(keyOf(object))
    else objects.set(keyOf(object), previous)
  }
  return [...objects].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, object]) => object)
}

function keyOf(object: KubernetesObject): string {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name}`
}
