import { isJsonObject } from '../../schema/decode.ts'
import { applyConfiguration, ignoredFields } from '../apply/field-manager.ts'
import { FieldSet } from '../apply/field-set.ts'
import { readManagers, withoutManagedFields } from '../apply/managers.ts'
import { TypedValueError } from '../apply/typed.ts'
import type { PatchType } from '../client.ts'
import { ApiError, badRequest, notFound } from '../errors.ts'
import type { Json, JsonObject, KubernetesObject } from '../objects.ts'
import { applyJsonPatch } from '../patch/json-patch.ts'
import { applyMergePatch } from '../patch/merge-patch.ts'
import { applyStrategicMergePatch } from '../patch/strategic-merge-patch.ts'
import { groupOf } from '../resources.ts'
import { invalidValue } from '../validation/fields.ts'
import { insert } from './create.ts'
import { asJson, asObject, decodeBody } from './decode-body.ts'
import type { CoreEnvironment } from './environment.ts'
import type { ObjectPath, WriteContext } from './request.ts'
import type { KindStrategy } from './strategy.ts'
import { replace } from './update.ts'

/** PATCH with one of the three patch languages. */
export function patchObject(
  environment: CoreEnvironment,
  strategy: KindStrategy,
  path: ObjectPath,
  patch: { type: PatchType; body: Json },
  context: WriteContext,
  subresource?: string,
): KubernetesObject {
  const existing = environment.store.get(strategy.type, path.namespace, path.name)
  if (existing === undefined) throw notFound(strategy.type, path.name)
  const patched = applyPatch(strategy, asJson(existing), patch)
  const decoded = decodePatched(strategy, patched, patch.type, context)
  refuseRename(decoded, existing)
  return replace(environment, strategy, existing, decoded, context, { subresource })
}

export function applyPatch(
  strategy: { schema: KindStrategy['schema'] },
  object: JsonObject,
  patch: { type: PatchType; body: Json },
): Json {
  switch (patch.type) {
    case 'json':
      return applyJsonPatch(object, patch.body)
    case 'merge':
      return applyMergePatch(object, patch.body)
    case 'strategic':
      return applyStrategicMergePatch(strategy.schema, object, patch.body)
  }
}

/** What does not decode any more was a wrong patch (422), not a wrong request; the real server shows all of the result. */
function decodePatched(strategy: KindStrategy, patched: Json, language: PatchType, context: WriteContext): JsonObject {
  try {
    return decodeBody(strategy, patched, context)
  } catch (error) {
    const prefix = / cannot be handled as an? \w+: (.*)$/s
    const why = error instanceof ApiError && error.code === 400 ? prefix.exec(error.message)?.[1] : undefined
    if (why === undefined || language === 'strategic') throw error
    const field = invalidValue('patch', JSON.stringify(patched), why)
    throw new ApiError(422, 'Invalid', ` "" is invalid: ${field.field}: ${field.message}`, { causes: [field] })
  }
}

function refuseRename(patched: JsonObject, existing: KubernetesObject): void {
  const { name } = asObject(patched).metadata
  if (name === existing.metadata.name) return
  throw badRequest(`the name of the object (${name}) does not match the name on the URL (${existing.metadata.name})`)
}

/** Server-side apply; creates what does not exist. */
export function applyObject(
  environment: CoreEnvironment,
  strategy: KindStrategy,
  path: ObjectPath,
  body: Json,
  context: WriteContext,
  options: { force: boolean; subresource?: string | undefined },
): KubernetesObject {
  const { type, schema } = strategy
  const config = decodeConfiguration(strategy, path, body)
  const existing = environment.store.get(type, path.namespace, path.name)
  const writer = {
    manager: context.fieldManager,
    apiVersion: type.apiVersion,
    time: environment.now(),
    ...(options.subresource === undefined ? {} : { subresource: options.subresource }),
  }
  const ignored = ignoredFields(options.subresource, strategy.hasStatus === true)
  if (existing === undefined) {
    if (options.subresource !== undefined) throw notFound(type, path.name)
    if (asObject(config).metadata.uid !== undefined) {
      throw new ApiError(
        409,
        'Conflict',
        `uid mismatch: the provided object specified uid ${asObject(config).metadata.uid}, and no existing object was found`,
      )
    }
    const live: JsonObject = { apiVersion: type.apiVersion, kind: type.kind, metadata: {}, ...strategy.zero }
    const { managers } = typedApply(type, path, body, () =>
      applyConfiguration(schema, live, config, new Map(), writer, { force: options.force, ignored }),
    )
    return insert(environment, strategy, path.namespace, config, context, managers)
  }
  const live = asJson(withoutManagedFields(existing))
  const managers = readManagers(existing)
  if (managers.size === 0) managers.set('before-first-apply', beforeFirstApply(strategy, writer.time))
  const { object, managers: owners } = typedApply(type, path, body, () =>
    applyConfiguration(schema, live, config, managers, writer, { force: options.force, ignored }),
  )
  const decoded = decodeBody(strategy, object, context)
  return replace(environment, strategy, existing, decoded, context, {
    subresource: options.subresource,
    managers: owners,
  })
}

/** An object that nobody's ownership was recorded of: nothing in it may be taken for abandoned. */
function beforeFirstApply(strategy: KindStrategy, time: string) {
  return {
    manager: 'before-first-apply',
    operation: 'Update' as const,
    apiVersion: strategy.type.apiVersion,
    time,
    set: new FieldSet(),
  }
}

/** The configuration, typed. Unknown fields are refused whatever fieldValidation says: there is no schema to merge them by. */
function decodeConfiguration(strategy: KindStrategy, path: ObjectPath, body: Json): JsonObject {
  const { type } = strategy
  if (!isJsonObject(body)) throw badRequest('error decoding YAML: the configuration is not an object')
  if (body.apiVersion === undefined || body.kind === undefined) {
    throw badRequest(`invalid object type: ${String(body.apiVersion ?? '')}, Kind=${String(body.kind ?? '')}`)
  }
  const context: WriteContext = { fieldManager: '', dryRun: false, fieldValidation: 'Warn', warnings: [] }
  const config = decodeBody(strategy, body, context)
  if (context.warnings.length > 0) {
    const fields = context.warnings.map(
      (text) => `.${text.slice('unknown field "'.length, -1)}: field not declared in schema`,
    )
    throw typedFailure(type, path, body, fields.length === 1 ? `${fields[0]}` : `errors:\n  ${fields.join('\n  ')}`)
  }
  const { metadata } = asObject(config)
  if (metadata.managedFields !== undefined) throw badRequest('metadata.managedFields must be nil')
  metadata.name ??= path.name
  if (metadata.name !== path.name) {
    throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${path.name})`)
  }
  if (metadata.namespace !== undefined && metadata.namespace !== path.namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
  }
  return config
}

function typedApply<T>(type: KindStrategy['type'], path: ObjectPath, body: Json, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof TypedValueError) throw typedFailure(type, path, body, error.message)
    throw error
  }
}

function typedFailure(type: KindStrategy['type'], path: ObjectPath, body: Json, why: string): ApiError {
  const metadata = isJsonObject(body) && isJsonObject(body.metadata) ? body.metadata : {}
  const where = `${typeof metadata.namespace === 'string' ? metadata.namespace : ''}/${path.name}`
  const version = groupOf(type) === '' ? `/${type.apiVersion}` : type.apiVersion
  return new ApiError(
    500,
    undefined,
    `failed to create typed patch object (${where}; ${version}, Kind=${type.kind}): ${why}`,
  )
}
