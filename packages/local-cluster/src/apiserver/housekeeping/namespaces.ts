import { isDeepStrictEqual } from 'node:util'
import { objectList, optionalObject, stringList } from '../../types/json.ts'
import type { JsonObject, KubernetesObject } from '../../types/objects.ts'
import { allResourceTypes, groupOf, Namespaces, type ResourceType, versionOf } from '../../types/resources.ts'
import { timestamp } from '../../types/times.ts'
import type { ApiCore } from '../core/core.ts'
import { asJson } from '../core/decode-body.ts'
import type { Housekeeping } from './context.ts'
import { createKeyQueue } from './key-queue.ts'

const contentTypes = allResourceTypes.filter((type) => type.namespaced)

/** Empties namespaces that are being deleted, and lets them go when nothing is left. */
export function startNamespaceController(core: ApiCore, onError: (error: unknown, what: string) => void): Housekeeping {
  const { store } = core
  const queue = createKeyQueue(
    (name) => emptyNamespace(core, name),
    (error, name) => onError(error, `deletion of namespace ${name}`),
  )
  const isGoing = (name: string) => core.find(Namespaces, { name })?.metadata.deletionTimestamp !== undefined
  for (const namespace of store.list(Namespaces))
    if (isGoing(namespace.metadata.name)) queue.add(namespace.metadata.name)
  const stops = [
    store.subscribe(Namespaces, ({ object }) => {
      if (object.metadata.deletionTimestamp !== undefined) queue.add(object.metadata.name)
    }),
    ...contentTypes.map((type) =>
      store.subscribe(type, ({ object }) => {
        const namespace = object.metadata.namespace ?? ''
        if (isGoing(namespace)) queue.add(namespace)
      }),
    ),
  ]
  return {
    stop() {
      queue.stop()
      for (const stop of stops) stop()
    },
  }
}

function emptyNamespace(core: ApiCore, name: string): void {
  const namespace = core.find(Namespaces, { name })
  if (namespace === null || namespace.metadata.deletionTimestamp === undefined) return
  const present = () => contentTypes.filter((type) => core.store.count(type, name) > 0)
  for (const type of present()) {
    for (const { metadata } of core.store.list(type, name)) {
      const path = { namespace: name, name: metadata.name }
      if (metadata.deletionTimestamp !== undefined || core.find(type, path) === null) continue
      core.delete(core.strategyOf(type), path, { propagationPolicy: 'Background' })
    }
  }
  const left = present().map((type) => ({ type, objects: core.store.list(type, name) }))
  writeConditions(core, name, left)
  if (left.length === 0) finishNamespace(core, name)
}

/** Its own finalizer goes; others may hold the namespace still. */
function finishNamespace(core: ApiCore, name: string): void {
  const finalizers = stringList(optionalObject(asJson(core.get(Namespaces, { name })), 'spec'), 'finalizers')
  const others = finalizers.filter((finalizer) => finalizer !== 'kubernetes')
  if (others.length === 0 || others.length < finalizers.length) core.finalizeNamespace(name, others)
}

interface Remaining {
  type: ResourceType
  objects: KubernetesObject[]
}

function writeConditions(core: ApiCore, name: string, left: Remaining[]): void {
  const namespace = core.get(Namespaces, { name })
  const json = asJson(namespace)
  const known = objectList(optionalObject(json, 'status'), 'conditions')
  // A namespace that was empty at once goes without ever having had conditions, as on the real server.
  if (left.length === 0 && known.length === 0) return
  const now = timestamp(Date.now())
  const conditions = deletionConditions(name, left).map((condition) => {
    const before = known.find((item) => item.type === condition.type)
    const same = before?.status === condition.status && before?.message === condition.message
    const { type, status, ...rest } = condition
    return { type, status, lastTransitionTime: same ? (before?.lastTransitionTime ?? now) : now, ...rest }
  })
  const status: JsonObject = { phase: 'Terminating', conditions }
  if (isDeepStrictEqual(optionalObject(json, 'status'), status)) return
  core.storeUnchecked(Namespaces, { ...json, status } as unknown as KubernetesObject)
}

function deletionConditions(name: string, left: Remaining[]): Record<string, string>[] {
  const resources = left.map(({ type }) => `${groupOf(type)}/${versionOf(type)}, Resource=${type.plural}`)
  const held = finalizersOf(left)
  const failure = `Failed to delete all resource types, ${left.length} remaining: ${resources
    .map((resource) => `unexpected items still remain in namespace: ${name} for gvr: ${resource}`)
    .join(', ')}`
  const remaining = left.map(({ type, objects }) => `${resourceName(type)} has ${objects.length} resource instances`)
  return [
    condition(
      'NamespaceDeletionDiscoveryFailure',
      false,
      'ResourcesDiscovered',
      'All resources successfully discovered',
    ),
    condition(
      'NamespaceDeletionGroupVersionParsingFailure',
      false,
      'ParsedGroupVersions',
      'All legacy kube types successfully parsed',
    ),
    left.length > 0 && held.length === 0
      ? condition('NamespaceDeletionContentFailure', true, 'ContentDeletionFailed', failure)
      : condition(
          'NamespaceDeletionContentFailure',
          false,
          'ContentDeleted',
          'All content successfully deleted, may be waiting on finalization',
        ),
    held.length > 0
      ? condition(
          'NamespaceContentRemaining',
          true,
          'SomeResourcesRemain',
          `Some resources are remaining: ${remaining.join(', ')}`,
        )
      : condition('NamespaceContentRemaining', false, 'ContentRemoved', 'All content successfully removed'),
    held.length > 0
      ? condition(
          'NamespaceFinalizersRemaining',
          true,
          'SomeFinalizersRemain',
          `Some content in the namespace has finalizers remaining: ${held.join(', ')}`,
        )
      : condition(
          'NamespaceFinalizersRemaining',
          false,
          'ContentHasNoFinalizers',
          'All content-preserving finalizers finished',
        ),
  ]
}

function condition(type: string, status: boolean, reason: string, message: string): Record<string, string> {
  return { type, status: status ? 'True' : 'False', reason, message }
}

function resourceName(type: ResourceType): string {
  return `${type.plural}.${groupOf(type)}`
}

/** `example.com/hold in 2 resource instances`, by finalizer. */
function finalizersOf(left: Remaining[]): string[] {
  const counts = new Map<string, number>()
  for (const { objects } of left) {
    for (const finalizer of objects.flatMap((object) => object.metadata.finalizers ?? [])) {
      counts.set(finalizer, (counts.get(finalizer) ?? 0) + 1)
    }
  }
  return [...counts].sort().map(([finalizer, count]) => `${finalizer} in ${count} resource instances`)
}
