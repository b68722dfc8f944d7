import { DecodeError, decode, isJsonObject, type Source } from '../../schema/decode.ts'
import { badRequest } from '../errors.ts'
import type { Json, JsonObject, KubernetesObject } from '../objects.ts'
import { groupOf, versionOf } from '../resources.ts'
import type { WriteContext } from './request.ts'
import type { KindStrategy } from './strategy.ts'

/** What a body is decoded as. */
export type Decoded = Pick<KindStrategy, 'type' | 'schema'>

/**
 * A request's body as an object of the kind its address names.
 * @throws ApiError 400 in Kubernetes' words for another kind, a wrong type, or, with Strict, an unknown field.
 */
export function decodeBody(strategy: Decoded, body: Json, context: WriteContext, source: Source = 'json'): JsonObject {
  const { type } = strategy
  if (!isJsonObject(body)) {
    throw badRequest(
      `the object provided is unrecognized (must be of type ${type.kind}): couldn't get version/kind; json parse error: json: cannot unmarshal ${jsonName(body)} into Go value of type struct`,
    )
  }
  const { apiVersion = '', kind = '' } = body
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') {
    throw badRequest(`the object provided is unrecognized (must be of type ${type.kind}): couldn't get version/kind`)
  }
  if ((apiVersion !== '' && apiVersion !== type.apiVersion) || (kind !== '' && kind !== type.kind)) {
    throw wrongKind(strategy, apiVersion, kind)
  }
  return decodeTyped(strategy, body, context, source)
}

function wrongKind(strategy: Decoded, apiVersion: string, kind: string): Error {
  const { type } = strategy
  if (kind === type.kind && groupOf({ apiVersion }) === groupOf(type)) {
    return badRequest(
      `the API version in the data (${apiVersion}) does not match the expected API version (${type.apiVersion})`,
    )
  }
  return badRequest(
    `${kind} in version "${versionOf({ apiVersion })}" cannot be handled as a ${type.kind}: no kind "${kind}" is registered for version "${apiVersion}" in scheme "pkg/api/legacyscheme/scheme.go:30"`,
  )
}

function decodeTyped(strategy: Decoded, body: JsonObject, context: WriteContext, source: Source): JsonObject {
  const { type, schema } = strategy
  const prefix = `${type.kind} in version "${versionOf(type)}" cannot be handled as a ${type.kind}`
  try {
    const { value, strictErrors } = decode(schema, body, source)
    if (strictErrors.length > 0 && context.fieldValidation === 'Strict') {
      throw badRequest(`${prefix}: strict decoding error: ${strictErrors.join(', ')}`)
    }
    if (context.fieldValidation === 'Warn') context.warnings.push(...strictErrors)
    return {
      ...value,
      apiVersion: type.apiVersion,
      kind: type.kind,
      metadata: isJsonObject(value.metadata) ? value.metadata : {},
    }
  } catch (error) {
    if (error instanceof DecodeError) throw badRequest(`${prefix}: ${error.message}`)
    throw error
  }
}

function jsonName(value: Json): string {
  if (Array.isArray(value)) return 'array'
  return value === null || value === undefined ? 'null' : typeof value
}

/** Decoded and named: from here on it is an object. */
export function asObject(value: JsonObject): KubernetesObject {
  return value as unknown as KubernetesObject
}

export function asJson(object: KubernetesObject): JsonObject {
  return object as unknown as JsonObject
}
