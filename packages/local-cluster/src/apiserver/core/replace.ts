import { isDeepStrictEqual } from 'node:util'
import { ApiError, conflict, invalid, modifiedMessage } from '../../types/errors.ts'
import type { JsonObject, KubernetesObject, ManagedFieldsEntry, ObjectMeta } from '../../types/objects.ts'
import { ignoredFields, trackUpdate } from '../apply/field-manager.ts'
import { type Managers, sentManagers, withoutManagedFields, writeManagers } from '../apply/managers.ts'
import { validateMetadataUpdate } from '../validation/metadata.ts'
import { asJson, asObject } from './decode-body.ts'
import { admit, type CoreEnvironment, finish, validateObject } from './environment.ts'
import { type WriteContext, writerOf } from './request.ts'
import type { KindStrategy } from './strategy.ts'

export interface ReplaceOptions {
  subresource?: string | undefined
  /** Worked out by apply; otherwise the writer's changes are tracked here. */
  managers?: Managers
  /** As `managers`, already in the form in which they are stored. */
  managedFields?: ManagedFieldsEntry[]
}

/**
 * The rest of an update, shared by PUT, PATCH and apply. Returns the stored object; the old one when nothing changed;
 * the removed one when this was the last finalizer of an object that is being deleted.
 * @param object decoded, and from here on the server's to complete. What it keeps of the old object is the old object's own.
 */
export function replace(
  environment: CoreEnvironment,
  strategy: KindStrategy,
  existing: KubernetesObject,
  object: JsonObject,
  context: WriteContext,
  options: ReplaceOptions = {},
): KubernetesObject {
  const { type } = strategy
  const { subresource } = options
  const old = asJson(existing)
  const { metadata } = asObject(object)
  checkVersion(strategy, existing, metadata)
  keepServerFields(metadata, existing.metadata, type.namespaced)
  keepOtherHalf(strategy, object, old, subresource)
  if (subresource === 'status') strategy.statusDefaults?.(object, old)
  else strategy.defaults?.(object)
  trackReplacement(environment, strategy, object, existing, context, options)
  const request = {
    operation: 'UPDATE' as const,
    type,
    namespace: existing.metadata.namespace,
    name: existing.metadata.name,
    object,
    old,
    subresource,
    warnings: context.warnings,
  }
  admit(environment, request, () => {
    if (subresource === undefined) strategy.prepareForUpdate?.(object, old, environment)
    raiseGeneration(strategy, object, old, subresource)
    validateReplacement(strategy, object, old, subresource)
    if (subresource === undefined) strategy.allocate?.(object, old, environment, context.dryRun)
    if (subresource !== 'status') context.warnings.push(...(strategy.warnings?.(object, old) ?? []))
  })
  const made = finish(type, object, existing)
  if (isUnchanged(made, existing)) return existing
  if (context.dryRun) return made
  if (!isFinished(made)) return environment.store.put(type, made)
  // The answer shows the version that was removed, watchers see that of the removal.
  environment.store.remove(type, made)
  return made
}

/** @throws ApiError 409 for another version, 500 for what is none. "0" and nothing stand for any. */
function checkVersion({ type }: KindStrategy, existing: KubernetesObject, metadata: ObjectMeta): void {
  const { resourceVersion = '' } = metadata
  if (!/^\d*$/.test(resourceVersion)) {
    throw new ApiError(500, undefined, `strconv.ParseUint: parsing ${JSON.stringify(resourceVersion)}: invalid syntax`)
  }
  if (Number(resourceVersion) === 0 || resourceVersion === existing.metadata.resourceVersion) return
  throw conflict(type, existing.metadata.name, modifiedMessage)
}

/** Metadata that only the server writes. What else the writer has changed in it is for validation to refuse. */
function keepServerFields(metadata: ObjectMeta, old: ObjectMeta, namespaced: boolean): void {
  metadata.uid ??= old.uid ?? ''
  Reflect.deleteProperty(metadata, 'selfLink')
  for (const key of ['creationTimestamp', 'resourceVersion'] as const) {
    const value = old[key]
    if (value === undefined) delete metadata[key]
    else metadata[key] = value
  }
  if (old.generation === undefined) delete metadata.generation
  else metadata.generation = old.generation
  if (old.deletionTimestamp !== undefined) metadata.deletionTimestamp = old.deletionTimestamp
  if (old.deletionGracePeriodSeconds !== undefined)
    metadata.deletionGracePeriodSeconds ??= old.deletionGracePeriodSeconds
  if (namespaced && old.namespace !== undefined) metadata.namespace = old.namespace
}

/** An object's write leaves status alone, a write of status the rest. */
function keepOtherHalf(strategy: KindStrategy, object: JsonObject, old: JsonObject, subresource?: string): void {
  if (subresource === 'status') {
    for (const key of Object.keys(object)) {
      if (!['apiVersion', 'kind', 'metadata', 'status'].includes(key)) delete object[key]
    }
    for (const [key, value] of Object.entries(old)) {
      if (!['apiVersion', 'kind', 'metadata', 'status'].includes(key)) object[key] = value
    }
    const { metadata } = asObject(object)
    const before = asObject(old).metadata
    if (strategy.type.kind === 'Deployment') {
      if (before.labels === undefined) delete metadata.labels
      else metadata.labels = { ...before.labels }
    }
    if (before.ownerReferences !== undefined) metadata.ownerReferences = before.ownerReferences
    else delete metadata.ownerReferences
  } else if (strategy.hasStatus) {
    if (old.status === undefined) delete object.status
    else object.status = old.status
  }
}

function raiseGeneration(strategy: KindStrategy, object: JsonObject, old: JsonObject, subresource?: string): void {
  if (strategy.generation === undefined || subresource === 'status') return
  const [now, before] = [asObject(object), asObject(old)]
  const same =
    strategy.generation === 'everything'
      ? isDeepStrictEqual(desired(object), desired(old))
      : isDeepStrictEqual(object.spec, old.spec) &&
        (strategy.generation === 'spec' || isDeepStrictEqual(now.metadata.annotations, before.metadata.annotations))
  if (!same) now.metadata.generation = (before.metadata.generation ?? 0) + 1
}

function desired(object: JsonObject): JsonObject {
  const { metadata: _metadata, status: _status, ...rest } = object
  return rest
}

function trackReplacement(
  environment: CoreEnvironment,
  strategy: KindStrategy,
  object: JsonObject,
  existing: KubernetesObject,
  context: WriteContext,
  options: ReplaceOptions,
): void {
  const { metadata } = asObject(object)
  const sent = metadata.managedFields
  delete metadata.managedFields
  const { subresource } = options
  const owners = () => {
    const known = sentManagers(sent, existing, subresource)
    // Once forgotten, owners are not recorded again before somebody applies.
    if (known.size === 0) return known
    const writer = writerOf(environment, strategy, context, subresource)
    const ignored = ignoredFields(strategy.type.kind, subresource, strategy.hasStatus === true)
    return trackUpdate(strategy.schema, asJson(withoutManagedFields(existing)), object, known, writer, ignored)
  }
  const entries = options.managedFields ?? writeManagers((options.managers ?? owners()).values())
  if (entries.length > 0) metadata.managedFields = entries
}

function validateReplacement(strategy: KindStrategy, object: JsonObject, old: JsonObject, subresource?: string): void {
  const errors = validateMetadataUpdate(asObject(object), asObject(old))
  if (subresource === undefined) errors.push(...(strategy.validateUpdate?.(object, old) ?? []))
  else errors.push(...(strategy.validatePart?.(subresource, object, old) ?? []))
  if (errors.length === 0) {
    if (subresource !== 'status') validateObject(strategy, object)
    return
  }
  const { name } = asObject(old).metadata
  const own = subresource === 'status' ? [] : (strategy.validate?.(object) ?? [])
  throw invalid(strategy.type, name, [...own, ...errors])
}

/** Equal but for the times in managedFields: nothing to write. */
function isUnchanged(made: KubernetesObject, existing: KubernetesObject): boolean {
  const timeless = (object: KubernetesObject) =>
    (object.metadata.managedFields ?? []).map(({ time: _, ...entry }) => entry)
  return (
    isDeepStrictEqual(withoutManagedFields(made), withoutManagedFields(existing)) &&
    isDeepStrictEqual(timeless(made), timeless(existing))
  )
}

/** True for an object that is being deleted and that nobody holds back any more. */
function isFinished(object: KubernetesObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers } = object.metadata
  if (deletionTimestamp === undefined || (finalizers?.length ?? 0) > 0) return false
  if (object.kind === 'Namespace') {
    const spec = asJson(object).spec
    return !(typeof spec === 'object' && spec !== null && 'finalizers' in spec)
  }
  return (deletionGracePeriodSeconds ?? 0) === 0
}
