import type { KubernetesObject } from '../types/objects.ts'

/** What an index can be asked for; every object that is wanted is in the answer, beside others perhaps. */
export interface Candidates {
  name?: string | undefined
  /** Labels that must have one of these values. */
  labels?: readonly { key: string; values: readonly string[] }[] | undefined
  /** Labels that must be there, whatever their value. */
  keys?: readonly string[] | undefined
  /** The uid of the controlling owner; the empty string for objects that none controls. */
  controller?: string | undefined
}

type Names = Map<string, Set<string>>
const none: ReadonlySet<string> = new Set()

/** The objects of one kind in one namespace, found by name, by label and by the owner that controls them. */
export class ObjectTable {
  readonly #objects = new Map<string, KubernetesObject>()
  readonly #byLabel: Names = new Map()
  /** The pairs of `#byLabel` that a key has. */
  readonly #pairs: Names = new Map()
  readonly #byController: Names = new Map()
  /** All names in order; null after one came or went. */
  #order: string[] | null = null

  get size(): number {
    return this.#objects.size
  }

  get(name: string): KubernetesObject | undefined {
    return this.#objects.get(name)
  }

  set(object: KubernetesObject): void {
    const { name, labels, ownerReferences } = object.metadata
    const previous = this.#objects.get(name)
    this.#objects.set(name, object)
    if (previous === undefined) this.#order = null
    // Equal parts of two versions are one object: nothing to do for most writes.
    if (previous === undefined || previous.metadata.labels !== labels) {
      this.#dropLabels(previous)
      for (const [key, value] of Object.entries(labels ?? {})) {
        put(this.#byLabel, labelKey(key, value), name)
        put(this.#pairs, key, labelKey(key, value))
      }
    }
    if (previous === undefined || previous.metadata.ownerReferences !== ownerReferences) {
      if (previous !== undefined) drop(this.#byController, controllerUid(previous), name)
      put(this.#byController, controllerUid(object), name)
    }
  }

  delete(name: string): void {
    const previous = this.#objects.get(name)
    if (previous === undefined) return
    this.#objects.delete(name)
    this.#order = null
    this.#dropLabels(previous)
    drop(this.#byController, controllerUid(previous), name)
  }

  #dropLabels(object: KubernetesObject | undefined): void {
    for (const [key, value] of Object.entries(object?.metadata.labels ?? {})) {
      const pair = labelKey(key, value)
      drop(this.#byLabel, pair, object?.metadata.name ?? '')
      if (!this.#byLabel.has(pair)) drop(this.#pairs, key, pair)
    }
  }

  /** In the order of their names. */
  all(): KubernetesObject[] {
    this.#order ??= [...this.#objects.keys()].sort()
    return this.#pick(this.#order)
  }

  /** The smallest set that the indexes have for what is asked, in the order of names. */
  candidates({ name, labels = [], keys = [], controller }: Candidates): KubernetesObject[] {
    if (name !== undefined) return this.#pick([name])
    const offers = labels.map(({ key, values }) =>
      [...new Set(values)].map((value) => this.#byLabel.get(labelKey(key, value)) ?? none),
    )
    for (const key of keys)
      offers.push([...(this.#pairs.get(key) ?? [])].map((pair) => this.#byLabel.get(pair) ?? none))
    if (controller !== undefined) offers.push([this.#byController.get(controller) ?? none])
    let [smallest, size] = [null as ReadonlySet<string>[] | null, this.#objects.size]
    for (const sets of offers) {
      const total = sets.reduce((sum, set) => sum + set.size, 0)
      if (total < size) [smallest, size] = [sets, total]
    }
    return smallest === null ? this.all() : this.#pick(smallest.flatMap((set) => [...set]).sort())
  }

  #pick(names: readonly string[]): KubernetesObject[] {
    return names.flatMap((name) => this.#objects.get(name) ?? [])
  }
}

const labelKey = (key: string, value: string) => `${key}=${value}`

function controllerUid(object: KubernetesObject): string {
  return object.metadata.ownerReferences?.find((owner) => owner.controller === true)?.uid ?? ''
}

function put(names: Names, key: string, name: string): void {
  const set = names.get(key)
  if (set === undefined) names.set(key, new Set([name]))
  else set.add(name)
}

function drop(names: Names, key: string, name: string): void {
  const set = names.get(key)
  if (set?.delete(name) === true && set.size === 0) names.delete(key)
}
