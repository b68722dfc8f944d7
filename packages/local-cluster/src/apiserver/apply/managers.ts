import type { KubernetesObject, ManagedFieldsEntry } from '../../types/objects.ts'
import { FieldSet } from './field-set.ts'
import { areFields, readFields, writeFields } from './fields-cache.ts'

/** One field manager: who, how, and what it owns. */
export interface Manager {
  manager: string
  operation: 'Apply' | 'Update'
  apiVersion: string
  subresource?: string
  time?: string
  set: FieldSet
}

/** Managers by identity: an applier keeps its identity across versions, an updater has one per version. */
export type Managers = Map<string, Manager>

export function managerIdentity(manager: Omit<Manager, 'set' | 'time'>): string {
  const { manager: name, operation, apiVersion, subresource } = manager
  const version = operation === 'Apply' ? {} : { apiVersion }
  return JSON.stringify({ manager: name, operation, ...version, ...(subresource === undefined ? {} : { subresource }) })
}

/** @returns no managers where one of the entries is not readable. Reference: managedfields.DecodeManagedFields. */
export function readManagers(object: { metadata: { managedFields?: ManagedFieldsEntry[] } }): Managers {
  const out: Managers = new Map()
  for (const entry of object.metadata.managedFields ?? []) {
    if (!isReadable(entry)) return new Map()
    const manager: Manager = {
      manager: entry.manager ?? '',
      operation: entry.operation,
      apiVersion: entry.apiVersion,
      set: readFields(entry.fieldsV1),
      ...(entry.subresource === undefined ? {} : { subresource: entry.subresource }),
      ...(entry.time === undefined ? {} : { time: entry.time }),
    }
    out.set(managerIdentity(manager), manager)
  }
  return out
}

/**
 * Who owns what after a write that may have sent managers of its own: an empty list, or one empty entry, forgets them all.
 * Writes of a subresource leave them alone. Reference: managedfields decodeLiveOrNew.
 */
export function sentManagers(
  sent: ManagedFieldsEntry[] | undefined,
  existing: { metadata: { managedFields?: ManagedFieldsEntry[] } },
  subresource: string | undefined,
): Managers {
  if (subresource !== undefined || sent === undefined) return readManagers(existing)
  const [first] = sent
  if (first === undefined || (sent.length === 1 && Object.keys(first).length === 0)) return new Map()
  const managers = readManagers({ metadata: { managedFields: sent } })
  return managers.size === 0 ? readManagers(existing) : managers
}

function isReadable({ operation, apiVersion, fieldsType, fieldsV1 }: Partial<ManagedFieldsEntry>): boolean {
  if (operation !== 'Apply' && operation !== 'Update') return false
  return (apiVersion ?? '') !== '' && fieldsType === 'FieldsV1' && areFields(fieldsV1)
}

/** As managedFields: appliers first, then by time and name. */
export function writeManagers(managers: Iterable<Manager>): ManagedFieldsEntry[] {
  return [...managers].sort(compareManagers).map((manager) => ({
    manager: manager.manager,
    operation: manager.operation,
    apiVersion: manager.apiVersion,
    ...(manager.time === undefined ? {} : { time: manager.time }),
    fieldsType: 'FieldsV1',
    fieldsV1: writeFields(manager.set),
    ...(manager.subresource === undefined ? {} : { subresource: manager.subresource }),
  }))
}

/** Most updaters that are told apart; the oldest are folded into "ancient-changes", as in Kubernetes. */
const mostUpdaters = 10

/** Reference: managedfields.capManagersManager. */
export function capUpdaters(managers: Managers): Managers {
  const updaters = [...managers].filter(([, { operation }]) => operation === 'Update')
  if (updaters.length <= mostUpdaters) return managers
  updaters.sort(([a, { time: x = '' }], [b, { time: y = '' }]) => (x === y ? (a < b ? -1 : 1) : x < y ? -1 : 1))
  const out = new Map(managers)
  const firsts = new Map<string, string>()
  let count = updaters.length
  for (const [id, manager] of updaters) {
    if (count <= mostUpdaters) break
    const { apiVersion } = manager
    const first = firsts.get(apiVersion)
    if (first === undefined) {
      firsts.set(apiVersion, id)
      continue
    }
    const ancient = { manager: 'ancient-changes', operation: 'Update' as const, apiVersion }
    const bucket = managerIdentity(ancient)
    const before = out.get(bucket) ?? out.get(first)
    if (!out.has(bucket)) out.delete(first)
    out.delete(id)
    const time = manager.time === undefined ? {} : { time: manager.time }
    out.set(bucket, { ...ancient, ...time, set: manager.set.union(before?.set ?? new FieldSet()) })
    count -= 1
  }
  return out
}

function compareManagers(a: Manager, b: Manager): number {
  if (a.operation !== b.operation) return a.operation < b.operation ? -1 : 1
  if (a.time !== b.time) return (a.time ?? '') < (b.time ?? '') ? -1 : 1
  if (a.manager !== b.manager) return a.manager < b.manager ? -1 : 1
  if (a.apiVersion !== b.apiVersion) return a.apiVersion < b.apiVersion ? -1 : 1
  return (a.subresource ?? '') < (b.subresource ?? '') ? -1 : 1
}

/** `"kubectl" using apps/v1`: how a manager is named in a conflict. */
export function managerText(manager: Manager): string {
  const name = JSON.stringify(manager.manager)
  const subresource =
    manager.subresource === undefined ? '' : ` with subresource ${JSON.stringify(manager.subresource)}`
  return `${name}${subresource}${manager.operation === 'Update' ? ` using ${manager.apiVersion}` : ''}`
}

export function withoutManagedFields<T extends KubernetesObject>(object: T): T {
  const { managedFields: _, ...metadata } = object.metadata
  return { ...object, metadata }
}
