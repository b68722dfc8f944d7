import type { PatchType } from '../../types/client.ts'
import { ApiError, notFound } from '../../types/errors.ts'
import { isJsonObject } from '../../types/json.ts'
import type { Json, JsonObject, KubernetesObject } from '../../types/objects.ts'
import { applyJsonPatch, type JsonPatched } from '../patch/json-patch.ts'
import { applyMergePatch } from '../patch/merge-patch.ts'
import { applyStrategicMergePatch } from '../patch/strategic-merge-patch.ts'
import { goText } from '../schema/go-values.ts'
import { invalidValue } from '../validation/fields.ts'
import { checkAddress } from './address.ts'
import { asJson, asObject, type Decoded, decodeBody } from './decode-body.ts'
import type { CoreEnvironment } from './environment.ts'
import { nameOwnersOnce } from './owner-references.ts'
import { replace } from './replace.ts'
import type { ObjectPath, WriteContext } from './request.ts'
import type { KindStrategy } from './strategy.ts'

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
  const decoded = decodePatched(strategy, applyPatch(strategy, asJson(existing), patch), patch, context)
  const { metadata } = asObject(decoded)
  checkAddress(strategy.type, path, metadata)
  nameOwnersOnce(metadata, context.warnings, 'patch')
  return replace(environment, strategy, existing, decoded, context, { subresource })
}

export function applyPatch(
  strategy: { schema: KindStrategy['schema'] },
  object: JsonObject,
  patch: { type: PatchType; body: Json },
): JsonPatched {
  switch (patch.type) {
    case 'json':
      return applyJsonPatch(object, patch.body)
    case 'merge':
      return { document: applyMergePatch(object, patch.body), strictErrors: [] }
    case 'strategic':
      return { document: applyStrategicMergePatch(strategy.schema, object, patch.body), strictErrors: [] }
  }
}

/**
 * What does not decode any more was a wrong patch (422), not a wrong request. The real server shows all of the result, or, of
 * what it merges by the types of the kind, the patch.
 */
export function decodePatched(
  strategy: Decoded,
  { document, strictErrors }: JsonPatched,
  patch: { type: PatchType; body: Json },
  context: WriteContext,
): JsonObject {
  const strategic = patch.type === 'strategic'
  try {
    if (strategic)
      return decodeBody(strategy, ofType(strategy, document), context, { source: 'unstructured', strictErrors })
    if (isJsonObject(document) && document.apiVersion === undefined) return nothing(strategy, document, context)
    return decodeBody(strategy, document, context, { strictErrors })
  } catch (error) {
    const why = error instanceof ApiError && error.code === 400 ? undecodable(error.message) : undefined
    if (why === undefined) throw error
    const shown = strategic ? goText(patch.body) : JSON.stringify(document)
    const field = invalidValue('patch', shown, why)
    throw new ApiError(422, 'Invalid', ` "" is invalid: ${field.field}: ${field.message}`, { causes: [field] })
  }
}

/** The decoder's own words within a refusal. */
function undecodable(message: string): string | undefined {
  const [, typed] = / cannot be handled as an? \w+: (.*)$/s.exec(message) ?? []
  if (typed !== undefined) return typed
  return /^the object provided is unrecognized \(must be of type \w+\): (.*?) \(.*\)$/s.exec(message)?.[1]
}

/** What is merged by the types of a kind stays of that kind, whatever the patch says. */
function ofType({ type }: Decoded, document: Json): Json {
  return isJsonObject(document) ? { ...document, apiVersion: type.apiVersion, kind: type.kind } : document
}

/** Without its version an object is read as one that has no fields at all. */
function nothing(strategy: Decoded, document: JsonObject, context: WriteContext): JsonObject {
  const fields = Object.keys(document).filter((key) => key !== 'kind')
  const strictErrors = fields.sort().map((key) => `unknown field ${JSON.stringify(key)}`)
  return decodeBody(strategy, {}, context, { strictErrors })
}
