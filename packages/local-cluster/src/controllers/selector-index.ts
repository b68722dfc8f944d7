import type { LabelSelector } from '../types/client.ts'
import type { KubernetesObject } from '../types/objects.ts'
import { requiredBy, selects } from '../types/selectors.ts'

interface Entry {
  key: string
  selector: LabelSelector
  /** Where the entry is filed. */
  files: string[]
}

/**
 * Which of many selectors take a set of labels: the way from a pod to its Services and budgets. Each selector is filed under one
 * label that it requires, so a look-up goes by the labels of the pod and not through all selectors of its namespace.
 */
export class SelectorIndex {
  readonly #entries = new Map<string, Entry>()
  readonly #filed = new Map<string, Set<Entry>>()

  /** Files the selector of `key` (`namespace/name`) anew; undefined or null takes it out. */
  set(key: string, selector: LabelSelector | null | undefined): void {
    const known = this.#entries.get(key)
    if (known !== undefined) this.#remove(known)
    if (selector === null || selector === undefined) return
    const namespace = namespaceOf(key)
    const [first] = requiredBy(selector)
    // What requires no value of any label is looked at for every pod of its namespace.
    const files =
      first === undefined ? [`${namespace}/`] : first.values.map((value) => fileOf(namespace, first.key, value))
    const entry: Entry = { key, selector, files }
    this.#entries.set(key, entry)
    for (const file of files) {
      const filed = this.#filed.get(file)
      if (filed === undefined) this.#filed.set(file, new Set([entry]))
      else filed.add(entry)
    }
  }

  /** Keys of the selectors that take the object, or took it before its change. */
  keysFor({ metadata }: KubernetesObject, previous: KubernetesObject | null): string[] {
    const { namespace = '', labels } = metadata
    const keys = this.#keysOf(namespace, labels)
    if (previous === null || previous.metadata.labels === labels) return keys
    return [...new Set([...keys, ...this.#keysOf(namespace, previous.metadata.labels)])]
  }

  #keysOf(namespace: string, labels: Readonly<Record<string, string>> = {}): string[] {
    const files = [`${namespace}/`, ...Object.entries(labels).map(([key, value]) => fileOf(namespace, key, value))]
    return files.flatMap((file) =>
      [...(this.#filed.get(file) ?? [])].filter(({ selector }) => selects(selector, labels)).map(({ key }) => key),
    )
  }

  #remove(entry: Entry): void {
    this.#entries.delete(entry.key)
    for (const file of entry.files) {
      const filed = this.#filed.get(file)
      filed?.delete(entry)
      if (filed?.size === 0) this.#filed.delete(file)
    }
  }
}

const fileOf = (namespace: string, key: string, value: string) => `${namespace}/${key}=${value}`
const namespaceOf = (key: string) => key.slice(0, key.indexOf('/'))
