import type { StoredEvent } from '../../store/history.ts'
import { isNotFound } from '../../types/errors.ts'
import type { KubernetesObject, OwnerReference } from '../../types/objects.ts'
import { allResourceTypes, groupResourceName, type ResourceType } from '../../types/resources.ts'
import type { ApiCore } from '../core/core.ts'
import { foregroundFinalizer, orphanFinalizer } from '../core/delete.ts'
import { type Housekeeping, systemContext } from './context.ts'
import { createKeyQueue } from './key-queue.ts'

/**
 * Deletes what has lost its owners, and carries out foreground and orphan deletion.
 * Reference: https://kubernetes.io/docs/concepts/architecture/garbage-collection/
 */
export function startGarbageCollector(core: ApiCore, onError: (error: unknown, what: string) => void): Housekeeping {
  const collector = new GarbageCollector(core)
  const queue = createKeyQueue(
    (key) => collector.process(key),
    (error, key) => {
      if (!isNotFound(error)) onError(error, `garbage collection of ${key}`)
    },
  )
  for (const type of allResourceTypes) {
    for (const object of core.store.list(type)) {
      collector.index(type, object)
      if (isInteresting(object)) queue.add(keyOf(type, object))
    }
  }
  const stops = allResourceTypes.map((type) =>
    core.store.subscribe(type, (event) => {
      for (const key of collector.observe(type, event)) queue.add(key)
    }),
  )
  return {
    stop() {
      queue.stop()
      for (const stop of stops) stop()
    },
  }
}

function isInteresting(object: KubernetesObject): boolean {
  const { ownerReferences, deletionTimestamp, finalizers } = object.metadata
  return (ownerReferences?.length ?? 0) > 0 || (deletionTimestamp !== undefined && (finalizers?.length ?? 0) > 0)
}

const typesByName = new Map(allResourceTypes.map((type) => [groupResourceName(type), type]))
const typesByKind = new Map(allResourceTypes.map((type) => [`${type.apiVersion}/${type.kind}`, type]))

function keyOf(type: ResourceType, object: KubernetesObject): string {
  return `${groupResourceName(type)}|${object.metadata.namespace ?? ''}|${object.metadata.name}`
}

interface Dependent {
  type: ResourceType
  object: KubernetesObject
  reference: OwnerReference
}

function startsForeground({ metadata }: KubernetesObject, previous: KubernetesObject | null): boolean {
  const waits = metadata.deletionTimestamp !== undefined && metadata.finalizers?.includes(foregroundFinalizer) === true
  return waits && previous?.metadata.finalizers?.includes(foregroundFinalizer) !== true
}

class GarbageCollector {
  readonly #core: ApiCore
  /** Keys of the objects that name an owner, by the owner's uid. */
  readonly #dependents = new Map<string, Set<string>>()

  constructor(core: ApiCore) {
    this.#core = core
  }

  index(type: ResourceType, object: KubernetesObject): void {
    for (const owner of object.metadata.ownerReferences ?? []) {
      const keys = this.#dependents.get(owner.uid) ?? new Set()
      keys.add(keyOf(type, object))
      this.#dependents.set(owner.uid, keys)
    }
  }

  /** Takes note of an event and answers what has to be looked at. */
  observe(type: ResourceType, event: StoredEvent): string[] {
    const { object, previous } = event
    const key = keyOf(type, object)
    for (const owner of previous?.metadata.ownerReferences ?? []) {
      const keys = this.#dependents.get(owner.uid)
      keys?.delete(key)
      if (keys?.size === 0) this.#dependents.delete(owner.uid)
    }
    const out: string[] = []
    if (event.type === 'DELETED') {
      out.push(...(this.#dependents.get(object.metadata.uid ?? '') ?? []))
      // An owner that waits for its dependents may be free to go now.
      for (const owner of object.metadata.ownerReferences ?? []) out.push(...this.#ownerKey(owner, object))
      return out
    }
    this.index(type, object)
    if (isInteresting(object)) out.push(key)
    // Dependents look for themselves whether their owner waits for them; the owner then only looks whether any is left.
    if (startsForeground(object, previous)) out.push(...(this.#dependents.get(object.metadata.uid ?? '') ?? []))
    return out
  }

  process(key: string): void {
    const found = this.#find(key)
    if (found === null) return
    const { type, object } = found
    const { deletionTimestamp, finalizers = [], ownerReferences = [] } = object.metadata
    if (deletionTimestamp === undefined) {
      if (ownerReferences.length > 0) this.#collect(type, object)
    } else if (finalizers.includes(orphanFinalizer)) this.#orphan(type, object)
    else if (finalizers.includes(foregroundFinalizer)) this.#foreground(type, object)
  }

  #find(key: string): { type: ResourceType; object: KubernetesObject } | null {
    const [resource = '', namespace = '', name = ''] = key.split('|')
    const type = typesByName.get(resource)
    const object = type && this.#core.find(type, pathOf(namespace, name))
    return type === undefined || object === null || object === undefined ? null : { type, object }
  }

  #owner(owner: OwnerReference, dependent: KubernetesObject): KubernetesObject | null | 'unknown' {
    const type = typesByKind.get(`${owner.apiVersion}/${owner.kind}`)
    if (type === undefined) return 'unknown'
    const namespace = type.namespaced ? (dependent.metadata.namespace ?? '') : ''
    const found = this.#core.find(type, pathOf(namespace, owner.name))
    return found?.metadata.uid === owner.uid ? found : null
  }

  #ownerKey(owner: OwnerReference, dependent: KubernetesObject): string[] {
    const found = this.#owner(owner, dependent)
    const type = typesByKind.get(`${owner.apiVersion}/${owner.kind}`)
    return found === null || found === 'unknown' || type === undefined ? [] : [keyOf(type, found)]
  }

  /** Deletes the object where no owner is left, and otherwise drops the references to owners that are gone. */
  #collect(type: ResourceType, object: KubernetesObject): void {
    const references = object.metadata.ownerReferences ?? []
    const states = references.map((reference) => ({ reference, owner: this.#owner(reference, object) }))
    const isWaiting = (owner: KubernetesObject) =>
      owner.metadata.deletionTimestamp !== undefined && (owner.metadata.finalizers ?? []).includes(foregroundFinalizer)
    const solid = states.filter(({ owner }) => owner === 'unknown' || (owner !== null && !isWaiting(owner)))
    const path = pathOf(object.metadata.namespace ?? '', object.metadata.name)
    if (solid.length === states.length) return
    if (solid.length > 0) {
      this.#write(type, object, { ownerReferences: solid.map(({ reference }) => reference) })
      return
    }
    const waiting = states.some(({ owner }) => owner !== null && owner !== 'unknown')
    const hasDependents = (this.#dependents.get(object.metadata.uid ?? '')?.size ?? 0) > 0
    const preconditions = object.metadata.uid === undefined ? {} : { preconditions: { uid: object.metadata.uid } }
    const propagationPolicy = waiting && hasDependents ? 'Foreground' : this.#inheritedPolicy(object)
    this.#core.delete(this.#core.strategyOf(type), path, { propagationPolicy, ...preconditions })
  }

  #inheritedPolicy(object: KubernetesObject): 'Foreground' | 'Orphan' | 'Background' {
    const { finalizers = [] } = object.metadata
    if (finalizers.includes(orphanFinalizer)) return 'Orphan'
    return finalizers.includes(foregroundFinalizer) ? 'Foreground' : 'Background'
  }

  *#dependentsOf(object: KubernetesObject): Generator<Dependent> {
    const uid = object.metadata.uid ?? ''
    for (const key of this.#dependents.get(uid) ?? []) {
      const found = this.#find(key)
      const reference = found?.object.metadata.ownerReferences?.find((owner) => owner.uid === uid)
      if (found !== null && reference !== undefined) yield { ...found, reference }
    }
  }

  /** Foreground deletion: the dependents go first, each by its own look; those that block hold the owner until they are gone. */
  #foreground(type: ResourceType, object: KubernetesObject): void {
    for (const { reference } of this.#dependentsOf(object)) if (reference.blockOwnerDeletion === true) return
    this.#dropFinalizer(type, object, foregroundFinalizer)
  }

  #orphan(type: ResourceType, object: KubernetesObject): void {
    for (const dependent of [...this.#dependentsOf(object)]) {
      const kept = (dependent.object.metadata.ownerReferences ?? []).filter(
        (owner) => owner.uid !== object.metadata.uid,
      )
      this.#write(dependent.type, dependent.object, { ownerReferences: kept.length === 0 ? null : kept })
    }
    this.#dropFinalizer(type, object, orphanFinalizer)
  }

  #dropFinalizer(type: ResourceType, object: KubernetesObject, finalizer: string): void {
    const current = this.#core.find(type, pathOf(object.metadata.namespace ?? '', object.metadata.name))
    if (current === null || current.metadata.uid !== object.metadata.uid) return
    const kept = (current.metadata.finalizers ?? []).filter((name) => name !== finalizer)
    this.#write(type, current, { finalizers: kept.length === 0 ? null : kept })
  }

  #write(type: ResourceType, object: KubernetesObject, metadata: Record<string, unknown>): void {
    const path = pathOf(object.metadata.namespace ?? '', object.metadata.name)
    const body = JSON.parse(JSON.stringify({ metadata: { ...metadata, uid: object.metadata.uid } }))
    const context = systemContext('kube-controller-manager')
    this.#core.patch(this.#core.strategyOf(type), path, { type: 'merge', body }, context)
  }
}

function pathOf(namespace: string, name: string): { namespace?: string; name: string } {
  return namespace === '' ? { name } : { namespace, name }
}
