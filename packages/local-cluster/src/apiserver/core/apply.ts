import { ApiError, badRequest, conflict, notFound } from '../../types/errors.ts'
import { isJsonObject } from '../../types/json.ts'
import type { Json, JsonObject, KubernetesObject } from '../../types/objects.ts'
import { type ApplyResult, applyConfiguration, ignoredFields, type WriterIdentity } from '../apply/field-manager.ts'
import { type Managers, readManagers, withoutManagedFields } from '../apply/managers.ts'
import { TypedValueError } from '../apply/typed.ts'
import { decode } from '../schema/decode.ts'
import { DecodeError } from '../schema/decode-errors.ts'
import { cannotUnmarshal } from '../schema/go-values.ts'
import { checkAddress } from './address.ts'
import { insert } from './create.ts'
import { asJson, asObject } from './decode-body.ts'
import type { CoreEnvironment } from './environment.ts'
import { replace } from './replace.ts'
import { type ObjectPath, type WriteContext, writerOf } from './request.ts'
import type { KindStrategy } from './strategy.ts'

export interface ApplyRequestOptions {
  force: boolean
  subresource?: string | undefined
}

/** Server-side apply; creates what does not exist. */
export function applyObject(
  environment: CoreEnvironment,
  strategy: KindStrategy,
  path: ObjectPath,
  body: Json,
  context: WriteContext,
  options: ApplyRequestOptions,
): KubernetesObject {
  const { type } = strategy
  const { subresource } = options
  const existing = environment.store.get(type, path.namespace, path.name)
  if (existing === undefined && subresource !== undefined) throw notFound(type, path.name)
  const writer = writerOf(environment, strategy, context, subresource)
  const zero: JsonObject = { apiVersion: type.apiVersion, kind: type.kind, metadata: {}, ...strategy.zero }
  const ignored = ignoredFields(type.kind, subresource, strategy.hasStatus === true)
  const live = existing === undefined ? zero : asJson(withoutManagedFields(existing))
  const managers: Managers = existing === undefined ? new Map() : readManagers(existing)
  const { object, owners } = applyTyped(strategy, live, body, managers, writer, { force: options.force, ignored, zero })
  const { metadata } = asObject(object)
  if (existing === undefined && metadata.uid !== undefined) {
    const why = `uid mismatch: the provided object specified uid ${metadata.uid}, and no existing object was found`
    throw conflict(type, path.name, why)
  }
  checkAddress(type, path, metadata)
  if (existing === undefined) return insert(environment, strategy, path.namespace, object, context, owners)
  return replace(environment, strategy, existing, object, context, { subresource, managers: owners })
}

interface Typed {
  type: { apiVersion: string; kind: string }
  schema: KindStrategy['schema']
}

/**
 * The configuration laid over what is there, decoded. It is no object of its kind before that, so what does not fit is said
 * in the words of the merge (500), not of the decoder (400).
 */
function applyTyped(
  kind: Typed,
  live: JsonObject,
  body: Json,
  managers: Managers,
  writer: WriterIdentity,
  options: Parameters<typeof applyConfiguration>[5],
): { object: JsonObject; owners: Managers } {
  const config = configuration(kind.type, body)
  const result = orTypedFailure(kind.type, config, () =>
    applyConfiguration(kind.schema, live, config, managers, writer, options),
  )
  const object = decodeMerged(kind, config, result.object ?? live)
  return { object, owners: result.managers }
}

function configuration(type: Typed['type'], body: Json): JsonObject {
  const config = body ?? {}
  if (!isJsonObject(config)) {
    const why = cannotUnmarshal(config, 'Go value', 'map[string]interface {}')
    throw badRequest(`error decoding YAML: error unmarshaling JSON: while decoding JSON: ${why}`)
  }
  const [apiVersion, kind] = [textOf(config.apiVersion), textOf(config.kind)]
  if (apiVersion !== type.apiVersion || kind !== type.kind) {
    throw badRequest(`invalid object type: ${qualified({ apiVersion, kind })}`)
  }
  if (isJsonObject(config.metadata) && Array.isArray(config.metadata.managedFields)) {
    throw badRequest('metadata.managedFields must be nil')
  }
  return config
}

function textOf(value: Json): string {
  return typeof value === 'string' ? value : ''
}

/** `apps/v1, Kind=Deployment`, as Go prints a GroupVersionKind. */
function qualified({ apiVersion, kind }: Typed['type']): string {
  const parts = apiVersion.split('/')
  if (parts.length > 2) return '/, Kind='
  return `${parts.length === 2 ? apiVersion : `/${apiVersion}`}, Kind=${kind}`
}

function describe(type: Typed['type'], config: JsonObject): string {
  const metadata = isJsonObject(config.metadata) ? config.metadata : {}
  return `${textOf(metadata.namespace)}/${textOf(metadata.name)}; ${qualified(type)}`
}

function orTypedFailure(type: Typed['type'], config: JsonObject, work: () => ApplyResult): ApplyResult {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof TypedValueError)) throw error
    throw new ApiError(
      500,
      undefined,
      `failed to create typed patch object (${describe(type, config)}): ${error.message}`,
    )
  }
}

function decodeMerged({ type, schema }: Typed, config: JsonObject, merged: JsonObject): JsonObject {
  try {
    const { value } = decode(schema, merged, 'unstructured')
    const { apiVersion, kind } = type
    return { ...value, apiVersion, kind, metadata: isJsonObject(value.metadata) ? value.metadata : {} }
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    const what = `unable to convert unstructured object to ${qualified(type)}: ${error.message}`
    throw new ApiError(
      500,
      undefined,
      `failed to convert new object (${describe(type, config)}) to proper version: ${what}`,
    )
  }
}
