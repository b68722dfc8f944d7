import { randomUUID } from 'node:crypto'
import { alreadyExists, badRequest, notFound } from '../../types/errors.ts'
import type { Json, JsonObject, KubernetesObject } from '../../types/objects.ts'
import { Namespaces } from '../../types/resources.ts'
import { ignoredFields, trackUpdate } from '../apply/field-manager.ts'
import { type Managers, readManagers, writeManagers } from '../apply/managers.ts'
import { asObject, decodeBody } from './decode-body.ts'
import { admit, type CoreEnvironment, finish, validateObject } from './environment.ts'
import { generateName } from './names.ts'
import { nameOwnersOnce } from './owner-references.ts'
import { type WriteContext, writerOf } from './request.ts'
import type { KindStrategy } from './strategy.ts'

/** Tries of a generated name before a collision is the caller's problem; as the real server. */
const mostNameTries = 8

/** POST: reference k8s.io/apiserver registry/generic/registry.Store.Create. */
export function createObject(
  environment: CoreEnvironment,
  strategy: KindStrategy,
  namespace: string | undefined,
  body: Json,
  context: WriteContext,
): KubernetesObject {
  const decoded = decodeBody(strategy, body, context)
  const { metadata } = asObject(decoded)
  const clean = { ...metadata }
  if ((metadata.resourceVersion ?? '') !== '') {
    throw badRequest('resourceVersion should not be set on objects to be created')
  }
  delete clean.resourceVersion
  nameOwnersOnce(clean, context.warnings, 'object')
  return insert(environment, strategy, namespace, { ...decoded, metadata: asPlain(clean) }, context, null)
}

function asPlain(metadata: unknown): JsonObject {
  return metadata as JsonObject
}

/**
 * The rest of a create, shared with apply (which brings the managers it has worked out).
 * @param object decoded, and from here on the server's to complete.
 */
export function insert(
  environment: CoreEnvironment,
  strategy: KindStrategy,
  namespace: string | undefined,
  object: JsonObject,
  context: WriteContext,
  managers: Managers | null,
): KubernetesObject {
  const { type } = strategy
  const { metadata } = asObject(object)
  placeInNamespace(environment, strategy, object, namespace)
  nameObject(environment, strategy, object)
  const request = {
    operation: 'CREATE' as const,
    type,
    namespace,
    name: metadata.name,
    object,
    old: undefined,
    subresource: undefined,
    warnings: context.warnings,
  }
  strategy.defaults?.(object)
  for (const key of ['deletionTimestamp', 'deletionGracePeriodSeconds', 'selfLink'])
    Reflect.deleteProperty(metadata, key)
  // What admission and the kind itself add belongs to nobody.
  trackCreation(environment, strategy, object, context, managers)
  admit(environment, request, () => {
    metadata.uid = randomUUID()
    metadata.creationTimestamp = environment.now()
    if (strategy.generation !== undefined) metadata.generation = 1
    else delete metadata.generation
    if (strategy.hasStatus) delete object.status
    strategy.prepareForCreate?.(object, environment)
    validateObject(strategy, object, strategy.validateCreate?.(object))
    strategy.allocate?.(object, undefined, environment, context.dryRun)
    context.warnings.push(...(strategy.warnings?.(object) ?? []))
  })
  const made = finish(type, object)
  const present = environment.store.get(type, namespace, metadata.name)
  if (present !== undefined) throw alreadyExists(type, present)
  return context.dryRun ? made : environment.store.put(type, made)
}

function placeInNamespace(
  environment: CoreEnvironment,
  strategy: KindStrategy,
  object: JsonObject,
  namespace: string | undefined,
): void {
  const { metadata } = asObject(object)
  if ((metadata.namespace ?? '') === '') delete metadata.namespace
  if (!strategy.type.namespaced) return
  if (metadata.namespace !== undefined && metadata.namespace !== namespace) {
    throw badRequest(`the namespace of the provided object does not match the namespace sent on the request`)
  }
  if (namespace !== undefined) metadata.namespace = namespace
  if (environment.store.get(Namespaces, undefined, namespace ?? '') === undefined) {
    throw notFound(Namespaces, namespace ?? '')
  }
}

function nameObject(environment: CoreEnvironment, strategy: KindStrategy, object: JsonObject): void {
  const { metadata } = asObject(object)
  metadata.name ??= ''
  if (metadata.name !== '' || (metadata.generateName ?? '') === '') return
  for (let i = 0; i < mostNameTries; i += 1) {
    metadata.name = generateName(metadata.generateName ?? '')
    if (environment.store.get(strategy.type, metadata.namespace, metadata.name) === undefined) return
  }
}

function trackCreation(
  environment: CoreEnvironment,
  strategy: KindStrategy,
  object: JsonObject,
  context: WriteContext,
  managers: Managers | null,
): void {
  const { metadata } = asObject(object)
  const given = readManagers(asObject(object))
  delete metadata.managedFields
  const writer = writerOf(environment, strategy, context, undefined)
  const ignored = ignoredFields(strategy.type.kind, undefined, strategy.hasStatus === true)
  const zero: JsonObject = { metadata: {}, ...strategy.zero }
  const owners = managers ?? trackUpdate(strategy.schema, zero, object, given, writer, ignored)
  const entries = writeManagers(owners.values())
  if (entries.length > 0) metadata.managedFields = entries
}
