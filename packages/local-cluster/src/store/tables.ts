import type { KubernetesObject } from '../types/objects.ts'
import { type Candidates, ObjectTable } from './table.ts'

/** The objects of all kinds, by resource and namespace. */
export class ObjectTables {
  readonly #tables = new Map<string, Map<string, ObjectTable>>()

  get(resource: string, namespace: string, name: string): KubernetesObject | undefined {
    return this.#tables.get(resource)?.get(namespace)?.get(name)
  }

  set(resource: string, object: KubernetesObject): void {
    const { namespace = '' } = object.metadata
    const namespaces = this.#tables.get(resource) ?? new Map<string, ObjectTable>()
    const table = namespaces.get(namespace) ?? new ObjectTable()
    table.set(object)
    namespaces.set(namespace, table)
    this.#tables.set(resource, namespaces)
  }

  delete(resource: string, namespace: string, name: string): void {
    const namespaces = this.#tables.get(resource)
    const table = namespaces?.get(namespace)
    table?.delete(name)
    if (table?.size === 0) namespaces?.delete(namespace)
  }

  /** In the order of the real server: by namespace, then name. Without a namespace, of all. */
  list(resource: string, namespace: string | undefined, candidates: Candidates | undefined): KubernetesObject[] {
    return this.#of(resource, namespace).flatMap((table) =>
      candidates === undefined ? table.all() : table.candidates(candidates),
    )
  }

  count(resource: string, namespace: string | undefined): number {
    const namespaces = this.#tables.get(resource)
    return namespace === undefined ? sizeOf(namespaces) : (namespaces?.get(namespace)?.size ?? 0)
  }

  /** Objects of all kinds. */
  get size(): number {
    let total = 0
    for (const namespaces of this.#tables.values()) total += sizeOf(namespaces)
    return total
  }

  #of(resource: string, namespace: string | undefined): ObjectTable[] {
    const namespaces = this.#tables.get(resource) ?? new Map<string, ObjectTable>()
    if (namespace === undefined) {
      // As the keys of a real server's store, where a slash follows the namespace.
      const byPath = ([a]: [string, ObjectTable], [b]: [string, ObjectTable]) => (`${a}/` < `${b}/` ? -1 : 1)
      return [...namespaces].sort(byPath).map(([, table]) => table)
    }
    const table = namespaces.get(namespace)
    return table === undefined ? [] : [table]
  }
}

function sizeOf(namespaces: ReadonlyMap<string, ObjectTable> | undefined): number {
  let total = 0
  for (const table of namespaces?.values() ?? []) total += table.size
  return total
}
