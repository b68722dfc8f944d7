import type { DeleteOptions } from '../../types/client.ts'
import { conflict, forbidden, notFound } from '../../types/errors.ts'
import type { KubernetesObject, ObjectMeta } from '../../types/objects.ts'
import { timestamp } from '../../types/times.ts'
import { immortalNamespaces } from '../admission/namespace-lifecycle.ts'
import { asJson } from './decode-body.ts'
import type { CoreEnvironment } from './environment.ts'
import type { ObjectPath } from './request.ts'
import type { KindStrategy } from './strategy.ts'

export const foregroundFinalizer = 'foregroundDeletion'
export const orphanFinalizer = 'orphan'

export interface DeleteResult {
  object: KubernetesObject
  /** False while finalizers, a grace period or a namespace's content hold the object. */
  gone: boolean
}

/**
 * DELETE: at once, or, where something has to happen first, by a deletionTimestamp.
 * Reference: registry/generic/registry.Store.Delete.
 */
export function deleteObject(
  environment: CoreEnvironment,
  strategy: KindStrategy,
  path: ObjectPath,
  options: DeleteOptions,
): DeleteResult {
  const { type } = strategy
  if (type.kind === 'Namespace' && immortalNamespaces.has(path.name)) {
    throw forbidden(type, path.name, 'this namespace may not be deleted')
  }
  const existing = environment.store.get(type, path.namespace, path.name)
  if (existing === undefined) throw notFound(type, path.name)
  checkDeletePreconditions(type, existing, options.preconditions)
  if (type.kind === 'Namespace') return deleteNamespace(environment, strategy, existing, options)

  const finalizers = finalizersFor(existing, options)
  const graceSeconds = gracePeriod(existing, options)
  if (finalizers.length === 0 && graceSeconds === 0) {
    if (options.dryRun === true) return { object: existing, gone: true }
    return { object: removeNow(environment, strategy, existing), gone: true }
  }
  const object = markDeleted(environment, existing, finalizers, graceSeconds)
  if (object === existing || options.dryRun === true) return { object, gone: false }
  return { object: environment.store.put(type, object), gone: false }
}

/** A deletion's preconditions are told in words of their own, with the kind's name. Reference: rest.BeforeDelete. */
function checkDeletePreconditions(
  type: KindStrategy['type'],
  { metadata }: KubernetesObject,
  wanted: DeleteOptions['preconditions'] = {},
): void {
  const refuse = (what: string, asked: string, found: string, hint: string) => {
    const why = `the ${what} in the precondition (${asked}) does not match the ${what} in record (${found}). ${hint}`
    throw conflict({ ...type, plural: type.kind }, metadata.name, why)
  }
  const { uid = '', resourceVersion = '' } = metadata
  if (wanted.uid !== undefined && wanted.uid !== uid) {
    refuse('UID', wanted.uid, uid, 'The object might have been deleted and then recreated')
  }
  if (wanted.resourceVersion !== undefined && wanted.resourceVersion !== resourceVersion) {
    refuse('ResourceVersion', wanted.resourceVersion, resourceVersion, 'The object might have been modified')
  }
}

/** A pod is marked before it goes, so that watchers see the end of its grace period. */
function removeNow(environment: CoreEnvironment, strategy: KindStrategy, existing: KubernetesObject): KubernetesObject {
  const marked =
    existing.kind === 'Pod' && existing.metadata.deletionGracePeriodSeconds !== 0
      ? environment.store.put(strategy.type, markDeleted(environment, existing, [], 0))
      : existing
  return environment.store.remove(strategy.type, marked)
}

/** Reference: deletionFinalizersForGarbageCollection. */
function finalizersFor(object: KubernetesObject, options: DeleteOptions): string[] {
  const kept = (object.metadata.finalizers ?? []).filter((name) => {
    if (options.propagationPolicy === undefined) return true
    return name !== foregroundFinalizer && name !== orphanFinalizer
  })
  if (options.propagationPolicy === 'Foreground') kept.push(foregroundFinalizer)
  if (options.propagationPolicy === 'Orphan') kept.push(orphanFinalizer)
  return kept
}

/** Seconds a pod gets to stop; everything else goes at once. Reference: podStrategy.CheckGracefulDelete. */
function gracePeriod(object: KubernetesObject, options: DeleteOptions): number {
  if (object.kind !== 'Pod') return 0
  const { spec, status } = asJson(object)
  const nodeName = typeof spec === 'object' && spec !== null && 'nodeName' in spec ? spec.nodeName : undefined
  const phase = typeof status === 'object' && status !== null && 'phase' in status ? status.phase : undefined
  if (nodeName === undefined || nodeName === '' || phase === 'Succeeded' || phase === 'Failed') return 0
  const own = typeof spec === 'object' && spec !== null && 'terminationGracePeriodSeconds' in spec
  const wanted = options.gracePeriodSeconds ?? (own ? Number(spec.terminationGracePeriodSeconds) : 30)
  return wanted < 0 ? 1 : wanted
}

function markDeleted(
  environment: CoreEnvironment,
  existing: KubernetesObject,
  finalizers: string[],
  graceSeconds: number,
): KubernetesObject {
  const { metadata } = existing
  const earlier = metadata.deletionTimestamp !== undefined
  const sameFinalizers = JSON.stringify(finalizers) === JSON.stringify(metadata.finalizers ?? [])
  const shorter = graceSeconds < (metadata.deletionGracePeriodSeconds ?? Number.POSITIVE_INFINITY)
  if (earlier && !shorter && sameFinalizers) return existing
  const marked: ObjectMeta = { ...metadata }
  if (finalizers.length > 0) marked.finalizers = finalizers
  else delete marked.finalizers
  if (!earlier || shorter) {
    const asked = earlier
      ? Date.parse(metadata.deletionTimestamp ?? '') - (metadata.deletionGracePeriodSeconds ?? 0) * 1000
      : Date.parse(environment.now())
    marked.deletionTimestamp = timestamp(asked + graceSeconds * 1000)
    marked.deletionGracePeriodSeconds = graceSeconds
  }
  if (!earlier && marked.generation !== undefined) marked.generation += 1
  return { ...existing, metadata: marked }
}

/** Namespaces go to Terminating and leave when the namespace controller has emptied and finalized them. */
function deleteNamespace(
  environment: CoreEnvironment,
  strategy: KindStrategy,
  existing: KubernetesObject,
  options: DeleteOptions,
): DeleteResult {
  const { type } = strategy
  const spec = asJson(existing).spec
  const held = typeof spec === 'object' && spec !== null && 'finalizers' in spec
  if (held && existing.metadata.deletionTimestamp !== undefined) return { object: existing, gone: false }
  if (existing.metadata.deletionTimestamp !== undefined) {
    const why =
      'The system is ensuring all content is removed from this namespace.  Upon completion, this namespace will automatically be purged by the system.'
    throw conflict(type, existing.metadata.name, why)
  }
  if (!held && (existing.metadata.finalizers ?? []).length === 0) {
    return { object: options.dryRun === true ? existing : environment.store.remove(type, existing), gone: true }
  }
  const object = {
    ...existing,
    metadata: { ...existing.metadata, deletionTimestamp: environment.now() },
    status: { phase: 'Terminating' },
  }
  return { object: options.dryRun === true ? object : environment.store.put(type, object), gone: false }
}
