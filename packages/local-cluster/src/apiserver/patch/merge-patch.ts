import { badRequest } from '../../types/errors.ts'
import { isJsonObject } from '../../types/json.ts'
import type { Json, JsonObject } from '../../types/objects.ts'
import { cannotUnmarshal } from '../schema/go-values.ts'

/** RFC 7386: objects merge, null deletes, everything else replaces. */
export function applyMergePatch(object: JsonObject, patch: Json): JsonObject {
  if (!isJsonObject(patch)) throw notAnObject(patch)
  return mergeObjects(object, patch)
}

function notAnObject(patch: Json): Error {
  if (patch === null) return badRequest('Invalid JSON Patch')
  return badRequest(`error decoding patch: ${cannotUnmarshal(patch, 'Go value', 'map[string]interface {}')}`)
}

function mergeObjects(object: JsonObject, patch: JsonObject): JsonObject {
  const out: JsonObject = { ...object }
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete out[key]
    else if (isJsonObject(value)) {
      const below = out[key]
      out[key] = mergeObjects(isJsonObject(below) ? below : {}, value)
    } else out[key] = value
  }
  return out
}
