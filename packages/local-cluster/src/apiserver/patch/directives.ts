import { ApiError } from '../../types/errors.ts'
import { isJsonObject } from '../../types/json.ts'
import type { Json, JsonObject } from '../../types/objects.ts'
import { goText, goType } from '../schema/go-values.ts'

export const patchMarker = '$patch'
export const retainKeysMarker = '$retainKeys'
export const orderPrefix = '$setElementOrder'
export const deletePrefix = '$deleteFromPrimitiveList'

/** What the real server does not expect of a patch: 500 with Go's words. */
export function patchFault(message: string): ApiError {
  return new ApiError(500, undefined, message)
}

export function wrongArgument(expected: 'map[string]interface {}' | '[]interface {}', value: Json): ApiError {
  const type = value === null || value === undefined ? '%!s(<nil>)' : goType(value)
  return patchFault(`expected a ${expected}, but received a ${type}`)
}

export function withoutKey(item: JsonObject, key: string): ApiError {
  return patchFault(`map: ${goText(item)} does not contain declared merge key: ${key}`)
}

export function unknownPatchType(type: Json, item: JsonObject): ApiError {
  return patchFault(`unknown patch type: ${goText(type)} in map: ${goText(item)}`)
}

/** The value without maps that carry a directive: undefined where it is one itself. Nulls in maps go away, too. */
export function withoutDirectives(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutDirectives).filter((item) => item !== undefined)
  if (!isJsonObject(value)) return value
  if (patchMarker in value) return undefined
  const out: JsonObject = {}
  for (const [key, child] of Object.entries(value)) {
    const kept = child === null ? undefined : withoutDirectives(child)
    if (kept !== undefined) out[key] = kept
  }
  return out
}

/** The name of the list that a directive is about: `$setElementOrder/NAME`. Null where it names none. */
export function listOf(key: string, prefix: string): string | null {
  const slash = key.indexOf('/')
  return slash > 0 && key.slice(0, slash) === prefix ? key.slice(slash + 1) : null
}
