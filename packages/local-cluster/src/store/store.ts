import type { KubernetesObject } from '../api/objects.ts'
import { allResourceTypes, groupResourceName, type ResourceType } from '../api/resources.ts'
import { type ObjectDatabase, openDatabase } from './database.ts'
import { EventHistory, type StoredEvent } from './history.ts'

export interface StoreOptions {
  directory: string
  /** Events kept per resource for watches to resume from. */
  historyLimit?: number
}

const defaultHistoryLimit = 4000
/** Longest time a finished write stays in the operating system's cache only. */
const flushAfterMs = 1000

type Listener = (event: StoredEvent) => void

/**
 * All objects: in memory for reading, in SQLite for keeps. One revision counter over everything, as etcd's.
 * Writes are synchronous: when `put` returns, the object is durable against the end of the process and visible.
 * Listeners are told from a microtask afterwards, in the order of the writes.
 */
export class ObjectStore {
  readonly #db: ObjectDatabase
  readonly #objects = new Map<string, Map<string, Map<string, KubernetesObject>>>()
  readonly #histories = new Map<string, EventHistory>()
  readonly #listeners = new Map<string, Set<Listener>>()
  readonly #pending: StoredEvent[] = []
  readonly #historyLimit: number
  #revision: number
  #flushTimer: NodeJS.Timeout | null = null
  #closed = false
  readonly counters = { writes: 0, events: 0 }

  constructor(options: StoreOptions) {
    this.#db = openDatabase(options.directory)
    this.#historyLimit = options.historyLimit ?? defaultHistoryLimit
    this.#revision = this.#db.revision()
    for (const row of this.#db.rows()) {
      this.#namespaceMap(row.resource, row.namespace).set(row.name, freeze(JSON.parse(row.body)))
    }
    this.beginHistory()
  }

  /** Watches can resume from here on and from nothing earlier, as from the watch caches of a server that has just started. */
  beginHistory(): void {
    for (const type of allResourceTypes) {
      this.#histories.set(groupResourceName(type), new EventHistory(this.#revision, this.#historyLimit))
    }
  }

  get revision(): number {
    return this.#revision
  }

  get(type: ResourceType, namespace: string | undefined, name: string): KubernetesObject | undefined {
    return this.#objects
      .get(groupResourceName(type))
      ?.get(namespace ?? '')
      ?.get(name)
  }

  /** Objects in the order of the real server: by namespace, then name. */
  list(type: ResourceType, namespace?: string): KubernetesObject[] {
    const namespaces = this.#objects.get(groupResourceName(type))
    if (namespaces === undefined) return []
    const maps = namespace === undefined ? [...namespaces.values()] : [namespaces.get(namespace) ?? new Map()]
    return maps.flatMap((objects) => [...objects.values()]).sort(compareKeys)
  }

  count(type: ResourceType, namespace: string): number {
    return this.#objects.get(groupResourceName(type))?.get(namespace)?.size ?? 0
  }

  /** Stores the object under the next revision and returns it, frozen. */
  put(type: ResourceType, object: KubernetesObject): KubernetesObject {
    this.#refuseWhenClosed()
    const resource = groupResourceName(type)
    const { namespace = '', name } = object.metadata
    const revision = this.#revision + 1
    const body = JSON.stringify({ ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } })
    const stored: KubernetesObject = freeze(JSON.parse(body))
    this.#db.put({ resource, namespace, name, body }, revision)
    const objects = this.#namespaceMap(resource, namespace)
    const previous = objects.get(name) ?? null
    objects.set(name, stored)
    this.#publish({ revision, type: previous === null ? 'ADDED' : 'MODIFIED', resource, object: stored, previous })
    return stored
  }

  /** Removes an object that exists; `last` is its final state, which watchers see. */
  remove(type: ResourceType, last: KubernetesObject): KubernetesObject {
    this.#refuseWhenClosed()
    const resource = groupResourceName(type)
    const { namespace = '', name } = last.metadata
    const revision = this.#revision + 1
    const final = freeze({ ...last, metadata: { ...last.metadata, resourceVersion: String(revision) } })
    this.#db.remove({ resource, namespace, name }, revision)
    const objects = this.#namespaceMap(resource, namespace)
    const previous = objects.get(name) ?? null
    objects.delete(name)
    if (objects.size === 0) this.#objects.get(resource)?.delete(namespace)
    this.#publish({ revision, type: 'DELETED', resource, object: final, previous })
    return final
  }

  history(type: ResourceType): EventHistory {
    const resource = groupResourceName(type)
    const found = this.#histories.get(resource)
    if (found !== undefined) return found
    const made = new EventHistory(this.#revision, this.#historyLimit)
    this.#histories.set(resource, made)
    return made
  }

  /** The objects as they stood at `revision`; null where the history does not reach that far. */
  listAt(type: ResourceType, namespace: string | undefined, revision: number): KubernetesObject[] | null {
    const events = this.history(type).since(revision)
    if (events === null) return null
    const objects = new Map(this.list(type, namespace).map((object) => [keyOf(object), object]))
    for (const event of events.reverse()) {
      if (namespace !== undefined && event.object.metadata.namespace !== namespace) continue
      if (event.previous === null) objects.delete(keyOf(event.object))
      else objects.set(keyOf(event.object), event.previous)
    }
    return [...objects.values()].sort(compareKeys)
  }

  /** Calls `listener` for every later event of the type; returns the function that ends it. */
  subscribe(type: ResourceType, listener: Listener): () => void {
    const resource = groupResourceName(type)
    const listeners = this.#listeners.get(resource) ?? new Set()
    this.#listeners.set(resource, listeners)
    // Events that were published but not yet delivered belong to the past of a subscription made now.
    const from = this.#revision
    const guarded: Listener = (event) => {
      if (event.revision > from && listeners.has(guarded)) listener(event)
    }
    listeners.add(guarded)
    return () => listeners.delete(guarded)
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    if (this.#flushTimer !== null) clearTimeout(this.#flushTimer)
    this.#listeners.clear()
    this.#db.close()
  }

  #refuseWhenClosed(): void {
    if (this.#closed) throw new Error('The local cluster is stopping; nothing can be written any more.')
  }

  #publish(event: StoredEvent): void {
    this.#revision = event.revision
    this.counters.writes += 1
    this.#histories.get(event.resource)?.add(event)
    this.#pending.push(event)
    if (this.#pending.length === 1) queueMicrotask(() => this.#deliver())
    this.#flushTimer ??= setTimeout(() => this.#flush(), flushAfterMs).unref()
  }

  #deliver(): void {
    // Writes made by listeners are appended and delivered in the same run.
    for (let event = this.#pending[0]; event !== undefined; event = this.#pending[0]) {
      this.counters.events += 1
      for (const listener of this.#listeners.get(event.resource) ?? []) tell(listener, event)
      this.#pending.shift()
    }
  }

  #flush(): void {
    this.#flushTimer = null
    if (!this.#closed) this.#db.flush()
  }

  #namespaceMap(resource: string, namespace: string): Map<string, KubernetesObject> {
    let namespaces = this.#objects.get(resource)
    if (namespaces === undefined) {
      namespaces = new Map()
      this.#objects.set(resource, namespaces)
    }
    let objects = namespaces.get(namespace)
    if (objects === undefined) {
      objects = new Map()
      namespaces.set(namespace, objects)
    }
    return objects
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

function keyOf(object: KubernetesObject): string {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name}`
}

function compareKeys(a: KubernetesObject, b: KubernetesObject): number {
  const left = keyOf(a)
  const right = keyOf(b)
  return left < right ? -1 : left > right ? 1 : 0
}

/** Objects are handed out without copying, so nobody may change them. */
function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  Object.freeze(value)
  for (const child of Object.values(value)) freeze(child)
  return value
}
