import type { StoredEvent } from '../../store/history.ts'
import type { ObjectStore } from '../../store/store.ts'
import { optionalObject, stringMap, stringOf } from '../../types/json.ts'
import type { JsonObject, KubernetesObject } from '../../types/objects.ts'
import { addQuantities, formatQuantity, type Quantity, quantityOf, zeroQuantity } from '../../types/quantity.ts'
import { groupResourceName, ResourceQuotas, type ResourceType } from '../../types/resources.ts'
import { countedTypes, quotaCounts, usageOf } from './quota-usage.ts'

interface Account {
  quota: JsonObject
  /** By `pods`, `deployments.apps`, ... */
  types: Map<string, ResourceType>
  totals: Map<string, Quantity>
}

const ledgers = new WeakMap<ObjectStore, QuotaLedger>()

/** The one ledger of a store. */
export function ledgerOf(store: ObjectStore): QuotaLedger {
  const known = ledgers.get(store)
  if (known !== undefined) return known
  const made = new QuotaLedger(store)
  ledgers.set(store, made)
  return made
}

/**
 * What namespaces have used of their quotas: counted once from the objects, from then on with every write, within the write. So the
 * next request sees it, and its cost does not grow with the objects that are there.
 */
export class QuotaLedger {
  readonly #store: ObjectStore
  readonly #accounts = new Map<string, Map<string, Account>>()
  readonly #listeners = new Set<(namespace: string) => void>()

  constructor(store: ObjectStore) {
    this.#store = store
    store.subscribeEarly((event) => this.#observe(event))
  }

  /** What the namespace's objects take of each resource that the quota names; `0` where nothing does. */
  usage(quota: KubernetesObject): Record<string, string> {
    const { totals } = this.#account(quota)
    return Object.fromEntries([...totals].map(([name, total]) => [name, formatQuantity(total)]))
  }

  /** Calls `listener` with the namespace of every account that changes; returns the function that ends it. */
  onChange(listener: (namespace: string) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #account(object: KubernetesObject): Account {
    const { namespace = '', name } = object.metadata
    const quota = object as unknown as JsonObject
    const accounts = this.#accounts.get(namespace) ?? new Map<string, Account>()
    this.#accounts.set(namespace, accounts)
    const known = accounts.get(name)
    // A spec that is equal stays the same object through all versions of the quota.
    if (known !== undefined && known.quota.spec === quota.spec) return known
    const hard = Object.keys(stringMap(optionalObject(quota, 'spec'), 'hard'))
    const types = countedTypes(hard)
    const account: Account = {
      quota,
      types: new Map(types.map((type) => [groupResourceName(type), type])),
      totals: new Map(hard.map((resource) => [resource, zeroQuantity])),
    }
    for (const type of types) {
      for (const each of this.#store.list(type, namespace)) add(account, type, each as unknown as JsonObject, 1n)
    }
    accounts.set(name, account)
    return account
  }

  #observe(event: StoredEvent): void {
    const { namespace = '', name } = event.object.metadata
    const accounts = this.#accounts.get(namespace)
    if (accounts === undefined) return
    if (event.type === 'DELETED' && event.resource === quotaResource) {
      accounts.delete(name)
      if (accounts.size === 0) this.#accounts.delete(namespace)
    }
    const previous = event.previous as unknown as JsonObject | null
    const object = event.type === 'DELETED' ? null : (event.object as unknown as JsonObject)
    if (previous !== null && object !== null && takesTheSame(previous, object)) return
    let changed = false
    for (const account of accounts.values()) {
      const type = account.types.get(event.resource)
      if (type === undefined) continue
      if (previous !== null) add(account, type, previous, -1n)
      if (object !== null) add(account, type, object, 1n)
      changed = true
    }
    if (changed) for (const listener of this.#listeners) listener(namespace)
  }
}

const quotaResource = groupResourceName(ResourceQuotas)

/** What an object takes is said by its spec, and for a pod by whether it has ended. */
export function takesTheSame(before: JsonObject, now: JsonObject): boolean {
  return before.spec === now.spec && hasEnded(before) === hasEnded(now)
}

function hasEnded(object: JsonObject): boolean {
  const phase = stringOf(optionalObject(object, 'status'), 'phase')
  return phase === 'Succeeded' || phase === 'Failed'
}

function add({ quota, totals }: Account, type: ResourceType, object: JsonObject, sign: 1n | -1n): void {
  if (!quotaCounts(quota, type, object)) return
  for (const [name, value] of Object.entries(usageOf(type, object))) {
    const total = totals.get(name)
    if (total === undefined) continue
    const { nano, format } = quantityOf(value)
    totals.set(name, addQuantities(total, { nano: sign * nano, format }))
  }
}
