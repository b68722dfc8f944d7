import type { StoredEvent } from './history.ts'

export type Listener = (event: StoredEvent) => void

/** Who is told what happens to which resource. */
export class Listeners {
  readonly #byResource = new Map<string, Set<Listener>>()

  /** Tells `listener` of what comes after the revision; returns the function that ends it. */
  add(resource: string, afterRevision: number, listener: Listener): () => void {
    const listeners = this.#byResource.get(resource) ?? new Set()
    this.#byResource.set(resource, listeners)
    const guarded: Listener = (event) => {
      if (event.revision > afterRevision && listeners.has(guarded)) listener(event)
    }
    listeners.add(guarded)
    return () => listeners.delete(guarded)
  }

  tell(event: StoredEvent): void {
    for (const listener of this.#byResource.get(event.resource) ?? []) tell(listener, event)
  }

  clear(): void {
    this.#byResource.clear()
  }
}

/** A listener that throws is a bug that must show, but may not keep the event from the others. */
function tell(listener: Listener, event: StoredEvent): void {
  try {
    listener(event)
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}
