/**
 * The objects. A write is in memory at once; all writes of one turn of the event loop are committed to SQLite together at its end,
 * and then told to the listeners in order. Safety net: nothing leaves the process before the commit, and a commit that fails takes
 * its writes back, so a crash at any moment leaves what was answered and nothing else.
 */
import type { Json, KubernetesObject } from '../types/objects.ts'
import { groupResourceName, type ResourceType } from '../types/resources.ts'
import { type ObjectDatabase, openDatabase } from './database.ts'
import { before, EventHistories } from './histories.ts'
import { type EventHistory, reversed, type StoredEvent } from './history.ts'
import { type Listener, Listeners } from './listeners.ts'
import { shared } from './shared.ts'
import type { Candidates } from './table.ts'
import { ObjectTables } from './tables.ts'
import { Turn } from './turn.ts'
import { Upkeep } from './upkeep.ts'

export interface StoreOptions {
  directory: string
  /** Events kept per resource for watches to resume from. */
  historyLimit?: number
}

const defaultHistoryLimit = 4000

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
  readonly #histories: EventHistories
  readonly #listeners = new Listeners()
  readonly #early = new Set<Listener>()
  /** Written, not yet committed. */
  #open: StoredEvent[] = []
  /** Committed, not yet told. */
  #untold: StoredEvent[] = []
  readonly #turn = new Turn(() => this.#commitAndTell())
  readonly #upkeep: Upkeep
  #revision: number
  #closed = false
  readonly counters = { writes: 0, commits: 0, events: 0 }
  /** Objects that lists went through, by resource. Work that grows with objects it is not about is a mistake. */
  readonly looked = new Map<string, number>()

  constructor(options: StoreOptions) {
    this.#db = openDatabase(options.directory)
    this.#upkeep = new Upkeep(this.#db, () => this.commit())
    this.#histories = new EventHistories(options.historyLimit ?? defaultHistoryLimit)
    this.#revision = this.#db.revision()
    for (const row of this.#db.rows()) {
      this.#objects.set(row.resource, shared(JSON.parse(row.body), undefined) as unknown as KubernetesObject)
    }
    this.beginHistory()
  }

  /** Watches can resume from here on and from nothing earlier, as from the watch caches of a server that has just started. */
  beginHistory(): void {
    this.commit()
    this.#histories.begin(this.#revision)
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
    return this.#histories.of(groupResourceName(type))
  }

  /** The objects as they stood at `revision`; null where the history does not reach that far. */
  listAt(type: ResourceType, namespace: string | undefined, revision: number): KubernetesObject[] | null {
    const events = this.history(type).since(revision)
    return events === null ? null : before(events, this.list(type, namespace), namespace)
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
    for (const event of this.#open) this.#histories.add(event)
    this.#untold.push(...this.#open)
    this.#open = []
  }

  /** Resolves when every write so far is committed and told; rejected where they had to be taken back. */
  committed(): Promise<void> {
    return this.#turn.ended()
  }

  close(): void {
    if (this.#closed) return
    try {
      this.commit()
    } finally {
      this.#closed = true
      this.#turn.cancel()
      this.#upkeep.stop()
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
    this.#turn.begin()
    this.#upkeep.note()
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
    this.#turn.fail(error)
  }

  #commitAndTell(): void {
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
  }
}
