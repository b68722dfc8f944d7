import { goText } from '../apply/go-values.ts'
import type { PatchType } from '../client.ts'
import { ApiError, notFound } from '../errors.ts'
import type { Json, JsonObject, KubernetesObject } from '../objects.ts'
import { applyJsonPatch } from '../patch/json-patch.ts'
import { applyMergePatch } from '../patch/merge-patch.ts'
import { applyStrategicMergePatch } from '../patch/strategic-merge-patch.ts'
import { invalidValue } from '../validation/fields.ts'
import { checkAddress } from './address.ts'
import { asJson, asObject, type Decoded, decodeBody } from './decode-body.ts'
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
  const decoded = decodePatched(strategy, patched, patch, context)
  checkAddress(strategy.type, path, asObject(decoded).metadata)
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

/**
 * What does not decode any more was a wrong patch (422), not a wrong request. The real server shows all of the result, or, of
 * what it merges by the types of the kind, the patch.
 */
export function decodePatched(
  strategy: Decoded,
  patched: Json,
  patch: { type: PatchType; body: Json },
  context: WriteContext,
): JsonObject {
  const strategic = patch.type === 'strategic'
  try {
    return decodeBody(strategy, patched, context, strategic ? 'unstructured' : 'json')
  } catch (error) {
    const prefix = / cannot be handled as an? \w+: (.*)$/s
    const why = error instanceof ApiError && error.code === 400 ? prefix.exec(error.message)?.[1] : undefined
    if (why === undefined) throw error
    const shown = strategic ? goText(patch.body) : JSON.stringify(patched)
    const field = invalidValue('patch', shown, why)
    throw new ApiError(422, 'Invalid', ` "" is invalid: ${field.field}: ${field.message}`, { causes: [field] })
  }
}
