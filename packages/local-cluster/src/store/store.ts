import type { Json, KubernetesObject } from '../api/objects.ts'
import { allResourceTypes, groupResourceName, type ResourceType } from '../api/resources.ts'
import { type ObjectDatabase, openDatabase } from './database.ts'
import { EventHistory, type StoredEvent } from './history.ts'
import { type Listener, Listeners } from './listeners.ts'
import { shared } from './shared.ts'
import type { Candidates } from './table.ts'
import { ObjectTables } from './tables.ts'

export interface StoreOptions {
  directory: string
  /** Events kept per resource for watches to resume from. */
  historyLimit?: number
}

const defaultHistoryLimit = 4000
/** Longest time a finished write stays in the operating system's cache only. */
const upkeepAfterMs = 1000
/** More writes than this between two rounds of upkeep: somebody is at work. */
const busyWrites = 100

/**
 * All objects: in memory for reading, in SQLite for keeps. One revision counter over everything, as etcd's.
 *
 * A write is in memory, and in an open transaction, when `put` returns. All writes of one turn of the event loop are committed
 * together at its end, then listeners are told, in the order of the writes. Nothing may leave the process before that: answer a
 * request when {@link ObjectStore.committed} has resolved, or after {@link ObjectStore.commit}. Where a commit fails, the
 * writes are taken back and `committed` is rejected, so that memory and disk never tell different stories.
 */
export class ObjectStore {
  readonly #db: ObjectDatabase
  readonly #objects = new ObjectTables()
  readonly #histories = new Map<string, EventHistory>()
  readonly #listeners = new Listeners()
  readonly #early = new Set<Listener>()
  /** Written, not yet committed. */
  #open: StoredEvent[] = []
  /** Committed, not yet told. */
  #untold: StoredEvent[] = []
  #waiting: PromiseWithResolvers<void> | null = null
  #turn: NodeJS.Immediate | null = null
  readonly #historyLimit: number
  #revision: number
  #upkeepTimer: NodeJS.Timeout | null = null
  #writesAtUpkeep = 0
  #closed = false
  readonly counters = { writes: 0, commits: 0, events: 0 }
  /** Objects that lists went through, by resource. Work that grows with objects it is not about is a mistake. */
  readonly looked = new Map<string, number>()

  constructor(options: StoreOptions) {
    this.#db = openDatabase(options.directory)
    this.#historyLimit = options.historyLimit ?? defaultHistoryLimit
    this.#revision = this.#db.revision()
    for (const row of this.#db.rows()) {
      this.#objects.set(row.resource, shared(JSON.parse(row.body), undefined) as unknown as KubernetesObject)
    }
    this.beginHistory()
  }

  /** Watches can resume from here on and from nothing earlier, as from the watch caches of a server that has just started. */
  beginHistory(): void {
    this.commit()
    for (const type of allResourceTypes) {
      this.#histories.set(groupResourceName(type), new EventHistory(this.#revision, this.#historyLimit))
    }
  }

  get revision(): number {
    return this.#revision
  }

  get(type: ResourceType, namespace: string | undefined, name: string): KubernetesObject | undefined {
    return this.#objects.get(groupResourceName(type), namespace ?? '', name)
  }

  /**
   * Objects in the order of the real server: by namespace, then name.
   * @param candidates narrows the list by index; what it answers has still to be tested against the selectors.
   */
  list(type: ResourceType, namespace?: string, candidates?: Candidates): KubernetesObject[] {
    const resource = groupResourceName(type)
    const found = this.#objects.list(resource, namespace, candidates)
    this.looked.set(resource, (this.looked.get(resource) ?? 0) + found.length)
    return found
  }

  count(type: ResourceType, namespace?: string): number {
    return this.#objects.count(groupResourceName(type), namespace)
  }

  /** Objects of all kinds. */
  get size(): number {
    return this.#objects.size
  }

  /** Stores the object under the next revision and returns it, frozen. */
  put(type: ResourceType, object: KubernetesObject): KubernetesObject {
    this.#refuseWhenClosed()
    const resource = groupResourceName(type)
    const { namespace = '', name } = object.metadata
    const revision = this.#revision + 1
    const previous = this.#objects.get(resource, namespace, name) ?? null
    const next = { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } }
    const stored = shared(next as unknown as Json, previous as unknown as Json) as unknown as KubernetesObject
    const body = JSON.stringify(stored)
    this.#write(() => this.#db.put({ resource, namespace, name, body }))
    this.#objects.set(resource, stored)
    const change = previous === null ? 'ADDED' : 'MODIFIED'
    this.#publish({ revision, type: change, resource, object: stored, previous, characters: body.length })
    return stored
  }

  /** Removes an object that exists; `last` is its final state, which watchers see. */
  remove(type: ResourceType, last: KubernetesObject): KubernetesObject {
    this.#refuseWhenClosed()
    const resource = groupResourceName(type)
    const { namespace = '', name } = last.metadata
    const revision = this.#revision + 1
    const previous = this.#objects.get(resource, namespace, name) ?? null
    const next = { ...last, metadata: { ...last.metadata, resourceVersion: String(revision) } }
    const final = shared(next as unknown as Json, previous as unknown as Json) as unknown as KubernetesObject
    this.#write(() => this.#db.remove({ resource, namespace, name }))
    this.#objects.delete(resource, namespace, name)
    this.#publish({ revision, type: 'DELETED', resource, object: final, previous, characters: 0 })
    return final
  }

  /** What has happened to objects of the type, as far as it is committed, which it is by this call. */
  history(type: ResourceType): EventHistory {
    this.commit()
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

  /** Calls `listener` for every later event of the type, once it is committed; returns the function that ends it. */
  subscribe(type: ResourceType, listener: Listener): () => void {
    // Events that were committed but not yet told belong to the past of a subscription made now.
    this.commit()
    return this.#listeners.add(groupResourceName(type), this.#revision, listener)
  }

  /**
   * Calls `listener` within every later write, before it is committed, and again, turned round, where it is taken back: for sums
   * that have to be right at once. It must not write.
   */
  subscribeEarly(listener: Listener): () => void {
    this.#early.add(listener)
    return () => this.#early.delete(listener)
  }

  /** Commits what was written in this turn, without waiting for its end. @throws where that fails: the writes are taken back. */
  commit(): void {
    if (this.#open.length === 0) return
    this.#write(() => this.#db.commit(this.#revision))
    this.counters.commits += 1
    for (const event of this.#open) this.#histories.get(event.resource)?.add(event)
    this.#untold.push(...this.#open)
    this.#open = []
  }

  /** Resolves when every write so far is committed and told; rejected where they had to be taken back. */
  committed(): Promise<void> {
    if (this.#turn === null) return Promise.resolve()
    this.#waiting ??= Promise.withResolvers<void>()
    return this.#waiting.promise
  }

  close(): void {
    if (this.#closed) return
    try {
      this.commit()
    } finally {
      this.#closed = true
      if (this.#turn !== null) clearImmediate(this.#turn)
      this.#turn = null
      this.#waiting?.resolve()
      if (this.#upkeepTimer !== null) clearTimeout(this.#upkeepTimer)
      this.#listeners.clear()
      this.#db.close()
    }
  }

  #refuseWhenClosed(): void {
    if (this.#closed) throw new Error('The local cluster is stopping; nothing can be written any more.')
  }

  #publish(event: StoredEvent): void {
    this.#revision = event.revision
    this.counters.writes += 1
    this.#open.push(event)
    for (const listener of this.#early) listener(event)
    this.#turn ??= setImmediate(() => this.#endTurn())
    this.#upkeepTimer ??= setTimeout(() => this.#upkeep(), upkeepAfterMs).unref()
  }

  /** A database that refuses one statement has given up the whole transaction, or cannot be trusted with the rest of it. */
  #write(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#takeBack(error)
      throw error
    }
  }

  #takeBack(error: unknown): void {
    this.#db.rollback()
    for (const event of this.#open.reverse()) {
      const { namespace = '', name } = event.object.metadata
      if (event.previous === null) this.#objects.delete(event.resource, namespace, name)
      else this.#objects.set(event.resource, event.previous)
      for (const listener of this.#early) listener(reversed(event))
    }
    this.#open = []
    const waiting = this.#waiting
    this.#waiting = null
    waiting?.promise.catch(() => undefined)
    waiting?.reject(error)
  }

  #endTurn(): void {
    // Writes made by listeners are committed and told in the same run.
    while (this.#open.length + this.#untold.length > 0) {
      try {
        this.commit()
      } catch {
        break // Whoever wrote has been told by the promise.
      }
      const events = this.#untold
      this.#untold = []
      for (const event of events) {
        this.counters.events += 1
        this.#listeners.tell(event)
      }
    }
    this.#turn = null
    const waiting = this.#waiting
    this.#waiting = null
    waiting?.resolve()
  }

  #upkeep(): void {
    this.#upkeepTimer = null
    if (this.#closed) return
    this.commit()
    this.#db.flush()
    // Room is given back when nobody writes: it would be taken again at once, and it costs time.
    const isBusy = this.counters.writes - this.#writesAtUpkeep > busyWrites
    this.#writesAtUpkeep = this.counters.writes
    if (isBusy || this.#db.shrink()) this.#upkeepTimer = setTimeout(() => this.#upkeep(), upkeepAfterMs).unref()
  }
}

/** The event that takes this one back. */
function reversed(event: StoredEvent): StoredEvent {
  const { previous, object } = event
  if (previous === null) return { ...event, type: 'DELETED', previous: object }
  return {
    ...event,
    type: event.type === 'DELETED' ? 'ADDED' : 'MODIFIED',
    object: previous,
    previous: event.type === 'DELETED' ? null : object,
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
