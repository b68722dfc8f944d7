import type { KubernetesObject, ManagedFieldsEntry } from '../objects.ts'
import { FieldSet } from './field-set.ts'
import { readFields, writeFields } from './fields-cache.ts'

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
  const version = manager.operation === 'Apply' ? '' : manager.apiVersion
  return JSON.stringify([manager.manager, manager.operation, version, manager.subresource ?? ''])
}

export function readManagers(object: { metadata: { managedFields?: ManagedFieldsEntry[] } }): Managers {
  const out: Managers = new Map()
  for (const entry of object.metadata.managedFields ?? []) {
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

/** Most updaters that are told apart; the oldest are folded into "ancient-changes", as in Kubernetes. */
const mostUpdaters = 10

/** As managedFields: appliers first, then by time and name. */
export function writeManagers(managers: Managers): ManagedFieldsEntry[] {
  const kept = [...managers.values()].filter((manager) => !manager.set.empty)
  return foldOldest(kept)
    .sort(compareManagers)
    .map((manager) => ({
      manager: manager.manager,
      operation: manager.operation,
      apiVersion: manager.apiVersion,
      ...(manager.time === undefined ? {} : { time: manager.time }),
      fieldsType: 'FieldsV1',
      fieldsV1: writeFields(manager.set),
      ...(manager.subresource === undefined ? {} : { subresource: manager.subresource }),
    }))
}

function foldOldest(managers: Manager[]): Manager[] {
  const updaters = managers.filter((manager) => manager.operation === 'Update').sort(compareManagers)
  if (updaters.length <= mostUpdaters) return managers
  const folded = updaters.slice(0, updaters.length - mostUpdaters + 1)
  const first = folded[0]
  if (first === undefined) return managers
  const set = folded.reduce((sum, manager) => sum.union(manager.set), new FieldSet())
  const ancient: Manager = { ...first, manager: 'ancient-changes', set }
  return [...managers.filter((manager) => !folded.includes(manager)), ancient]
}

function compareManagers(a: Manager, b: Manager): number {
  if (a.operation !== b.operation) return a.operation < b.operation ? -1 : 1
  if (a.time !== b.time) return (a.time ?? '') < (b.time ?? '') ? -1 : 1
  if (a.manager !== b.manager) return a.manager < b.manager ? -1 : 1
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
