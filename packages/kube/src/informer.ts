import { cachedPart } from './cached-part.ts'
import type { ResourceType } from './kinds.ts'
import type { BackoffLike } from './list-watch.ts'
import { ListWatch } from './list-watch.ts'
import { type KubeObject, keyOf } from './objects.ts'
import type { Transport } from './transport.ts'

export interface InformerOptions<T extends KubeObject> {
  namespace?: string
  labelSelector?: string
  /** Named functions from an object to the values it is found by. */
  indexes?: Record<string, (object: T) => readonly string[]>
  /** What is kept of an object, null for nothing; the object is its kind's cached part already. */
  transform?: (object: T) => T | null
  /** Time between full lists that check what the watch delivered. */
  resyncMs?: number
  /** A watch that is silent for longer is opened anew (the server sends bookmarks about every minute). */
  silenceMs?: number
  backoff?: BackoffLike
}

export interface InformerStats {
  objects: number
  synced: boolean
  /** Whether a watch is open right now. */
  connected: boolean
  /** When the state was last known to be current (ms since the epoch); null before the first list. */
  currentAt: number | null
  lists: number
  watches: number
  events: number
  /** Watches that ended with an error, a cut or silence. */
  failures: number
  /** Objects that a resync found different from what the watch had said; should stay 0. */
  missedByWatch: number
  lastError: string | null
}

export type ChangeType = 'added' | 'modified' | 'deleted'
export type ChangeListener<T> = (change: ChangeType, object: T, previous: T | undefined) => void

/** A cache of all objects of one type, kept true by list and watch. Objects are shared: do not change them. */
export interface Informer<T extends KubeObject> {
  start(): void
  stop(): Promise<void>
  get(namespace: string | undefined, name: string): T | undefined
  list(): T[]
  /** What the named index holds under a value. */
  byIndex(index: string, value: string): T[]
  /** Calls back for every change from now on; the returned function ends it. */
  onChange(listener: ChangeListener<T>): () => void
  /** Resolves when the first list is in. */
  synced(): Promise<void>
  stats(): InformerStats
}

const DEFAULT_RESYNC_MS = 10 * 60_000
const DEFAULT_SILENCE_MS = 3 * 60_000

/** Makes an informer over a transport. */
export function createInformer<T extends KubeObject>(
  transport: Transport,
  type: ResourceType,
  options: InformerOptions<T> = {},
): Informer<T> {
  return new CachingInformer<T>(transport, type, options)
}

class CachingInformer<T extends KubeObject> implements Informer<T> {
  readonly #objects = new Map<string, T>()
  readonly #indexes = new Map<string, Map<string, Set<string>>>()
  readonly #indexers: Record<string, (object: T) => readonly string[]>
  readonly #listeners = new Set<ChangeListener<T>>()
  readonly #synced = Promise.withResolvers<void>()
  readonly #listWatch: ListWatch<T>
  readonly #keep: (object: T) => T | null
  #hasSynced = false
  #missedByWatch = 0

  constructor(transport: Transport, type: ResourceType, options: InformerOptions<T>) {
    this.#indexers = options.indexes ?? {}
    for (const name of Object.keys(this.#indexers)) this.#indexes.set(name, new Map())
    const { transform = (object: T) => object } = options
    this.#keep = (object) => transform(cachedPart(object, type))
    this.#listWatch = new ListWatch<T>(transport, type, {
      namespace: options.namespace,
      labelSelector: options.labelSelector,
      resyncMs: options.resyncMs ?? DEFAULT_RESYNC_MS,
      silenceMs: options.silenceMs ?? DEFAULT_SILENCE_MS,
      backoff: options.backoff,
      onReplace: (objects, watchedUpTo) => this.#replace(objects, watchedUpTo),
      onUpsert: (object) => this.#upsert(object),
      onDelete: (object) => this.#delete(keyOf(object), cachedPart(object, type)),
    })
  }

  start(): void {
    this.#listWatch.start()
  }

  stop(): Promise<void> {
    return this.#listWatch.stop()
  }

  get(namespace: string | undefined, name: string): T | undefined {
    return this.#objects.get(namespace === undefined ? name : `${namespace}/${name}`)
  }

  list(): T[] {
    return [...this.#objects.values()]
  }

  byIndex(index: string, value: string): T[] {
    const values = this.#indexes.get(index)
    if (values === undefined) throw new Error(`the informer has no index ${index}`)
    return [...(values.get(value) ?? [])].flatMap((key) => this.#objects.get(key) ?? [])
  }

  onChange(listener: ChangeListener<T>): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  synced(): Promise<void> {
    return this.#synced.promise
  }

  stats(): InformerStats {
    return {
      objects: this.#objects.size,
      synced: this.#hasSynced,
      missedByWatch: this.#missedByWatch,
      ...this.#listWatch.stats(),
    }
  }

  /**
   * `watchedUpTo`: the version up to which a watch should have delivered everything; what is older and yet unknown is
   * something it missed. (What is gone cannot be told from what went just now, and is not counted.)
   */
  #replace(objects: readonly T[], watchedUpTo: string | null): void {
    const gone = new Set(this.#objects.keys())
    for (const object of objects) {
      gone.delete(keyOf(object))
      const changed = this.#upsert(object)
      const version = Number(object.metadata.resourceVersion)
      if (changed && watchedUpTo !== null && version <= Number(watchedUpTo)) this.#missedByWatch += 1
    }
    for (const key of gone) {
      const object = this.#objects.get(key)
      if (object !== undefined) this.#delete(key, object)
    }
    this.#hasSynced = true
    this.#synced.resolve()
  }

  /** True when it was new or different. */
  #upsert(whole: T): boolean {
    const key = keyOf(whole)
    const previous = this.#objects.get(key)
    if (previous !== undefined && previous.metadata.resourceVersion === whole.metadata.resourceVersion) return false
    const object = this.#keep(whole)
    if (object === null) {
      this.#delete(key, whole)
      return false
    }
    if (previous !== undefined) this.#unindex(key, previous)
    this.#objects.set(key, object)
    for (const [name, values] of this.#indexes) {
      for (const value of this.#indexers[name]?.(object) ?? []) {
        const keys = values.get(value) ?? new Set()
        values.set(value, keys.add(key))
      }
    }
    this.#emit(previous === undefined ? 'added' : 'modified', object, previous)
    return true
  }

  #delete(key: string, last: T): void {
    const previous = this.#objects.get(key)
    if (previous === undefined) return
    this.#unindex(key, previous)
    this.#objects.delete(key)
    this.#emit('deleted', last, previous)
  }

  #unindex(key: string, object: T): void {
    for (const [name, values] of this.#indexes) {
      for (const value of this.#indexers[name]?.(object) ?? []) {
        const keys = values.get(value)
        keys?.delete(key)
        if (keys?.size === 0) values.delete(value)
      }
    }
  }

  #emit(change: ChangeType, object: T, previous: T | undefined): void {
    for (const listener of this.#listeners) listener(change, object, previous)
  }
}
