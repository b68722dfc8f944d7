import { badRequest } from '../../types/errors.ts'
import { isJsonObject } from '../../types/json.ts'
import type { Json, JsonObject, KubernetesObject } from '../../types/objects.ts'
import { groupOf, versionOf } from '../../types/resources.ts'
import { decode } from '../schema/decode.ts'
import { DecodeError, type Source } from '../schema/decode-errors.ts'
import { cannotUnmarshal } from '../schema/go-values.ts'
import { schemaOf } from '../schema/schema.ts'
import { noKind, notAnObject, UnrecognizedError } from '../unrecognized.ts'
import type { WriteContext } from './request.ts'
import type { KindStrategy } from './strategy.ts'

/** What a body is decoded as. */
export type Decoded = Pick<KindStrategy, 'type' | 'schema'>

export interface DecodeOptions {
  /** What else was found that is refused, warned of or dropped as unknown fields are. */
  strictErrors?: string[]
  source?: Source
}

/**
 * A request's body as an object of the kind its address names.
 * @throws ApiError 400 in Kubernetes' words for another kind, a wrong type, or, with Strict, an unknown field.
 */
export function decodeBody(
  strategy: Decoded,
  body: Json,
  context: WriteContext,
  options: DecodeOptions = {},
): JsonObject {
  const { type } = strategy
  const object = body ?? {}
  if (!isJsonObject(object)) {
    const text = Buffer.from(JSON.stringify(object)).toString('hex')
    throw new UnrecognizedError(type.kind, notAnObject(object), text)
  }
  const { apiVersion = '', kind = '' } = object
  for (const [name, value] of Object.entries({ apiVersion, kind })) {
    if (value === null || typeof value === 'string') continue
    const why = noKind(cannotUnmarshal(value, `Go struct field .${name}`, 'string'))
    throw new UnrecognizedError(type.kind, why, JSON.stringify(object))
  }
  const named = { apiVersion: String(apiVersion ?? ''), kind: String(kind ?? '') }
  if (
    (named.apiVersion !== '' && named.apiVersion !== type.apiVersion) ||
    (named.kind !== '' && named.kind !== type.kind)
  ) {
    throw wrongKind(strategy, named.apiVersion, named.kind)
  }
  return decodeTyped(strategy, object, context, options)
}

/** Versions that Kubernetes still knows, though it serves them no more. */
function isKnownVersion({ type }: Decoded, apiVersion: string, kind: string): boolean {
  if (kind !== type.kind) return false
  if (apiVersion === 'extensions/v1beta1') return formerExtensions.has(kind)
  return groupOf(type) !== '' && groupOf({ apiVersion }) === groupOf(type)
}

const formerExtensions = new Set(['Deployment', 'DaemonSet', 'ReplicaSet', 'Ingress', 'NetworkPolicy', 'Scale'])

/** The package of a group's own types: `core.ConfigMap`. */
function internalName({ type }: Decoded): string {
  return `${groupOf(type).split('.')[0] || 'core'}.${type.kind}`
}

function wrongKind(strategy: Decoded, apiVersion: string, kind: string): Error {
  const { type } = strategy
  if (isKnownVersion(strategy, apiVersion, kind)) {
    return badRequest(
      `the API version in the data (${apiVersion}) does not match the expected API version (${type.apiVersion})`,
    )
  }
  const version = apiVersion === '' ? type.apiVersion : apiVersion
  const why =
    schemaOf({ apiVersion: version, kind }) === undefined
      ? `no kind "${kind}" is registered for version "${version}" in scheme "pkg/api/legacyscheme/scheme.go:30"`
      : `converting (${versionOf({ apiVersion: version })}.${kind}) to (${internalName(strategy)}): unknown conversion`
  return badRequest(
    `${kind} in version "${versionOf({ apiVersion: version })}" cannot be handled as a ${type.kind}: ${why}`,
  )
}

function decodeTyped(strategy: Decoded, body: JsonObject, context: WriteContext, options: DecodeOptions): JsonObject {
  const { type, schema } = strategy
  const prefix = `${type.kind} in version "${versionOf(type)}" cannot be handled as a ${type.kind}`
  try {
    const { value, strictErrors: found } = decode(schema, body, options.source)
    const strictErrors = [...(options.strictErrors ?? []), ...found]
    if (context.fieldValidation === 'Strict' && strictErrors.length > 0) {
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

/** Decoded and named: from here on it is an object. */
export function asObject(value: JsonObject): KubernetesObject {
  return value as unknown as KubernetesObject
}

export function asJson(object: KubernetesObject): JsonObject {
  return object as unknown as JsonObject
}
