import { badRequest } from '../../types/errors.ts'
import { isJsonObject } from '../../types/json.ts'
import type { Json, JsonObject } from '../../types/objects.ts'
import { fieldSchema } from '../apply/typed.ts'
import { cannotUnmarshal, goType } from '../schema/go-values.ts'
import { goTypeName, type ListSchema, type Schema, type StructSchema } from '../schema/schema.ts'
import {
  deletePrefix,
  listOf,
  orderPrefix,
  patchFault,
  patchMarker,
  retainKeysMarker,
  unknownPatchType,
  withoutDirectives,
  wrongArgument,
} from './directives.ts'
import { checkOrder, elementType, inOrder, mergeList } from './merge-lists.ts'

/**
 * Kubernetes' own patch: like a merge patch, but lists of named things merge by their key. Understands the directives
 * `$patch`, `$retainKeys`, `$setElementOrder/<list>` and `$deleteFromPrimitiveList/<list>`.
 * Reference: https://kubernetes.io/docs/reference/using-api/api-concepts/#patch-and-apply (strategicpatch.StrategicMergeMapPatch).
 * @throws ApiError 400 for a patch that is none, 422 or 500 for one that does not fit, as the real server does.
 */
export function applyStrategicMergePatch(schema: StructSchema, object: JsonObject, patch: Json): JsonObject {
  const changes = patch === null ? {} : patch
  if (!isJsonObject(changes)) {
    throw badRequest(cannotUnmarshal(changes, 'Go value', 'map[string]interface {}'))
  }
  return mergeMap(schema, object, changes)
}

function mergeMap(schema: Schema, original: JsonObject, patch: JsonObject): JsonObject {
  const { [patchMarker]: marker, ...changes } = patch
  if (marker === 'replace') return changes
  if (marker === 'delete') return {}
  if (marker !== undefined) throw unknownPatchType(marker, patch)
  const out = retainKeys({ ...original }, changes)
  for (const key of Object.keys(changes)) if (key.startsWith(orderPrefix)) mergeOrdered(schema, out, changes, key)
  for (const [key, value] of Object.entries(changes)) {
    if (key.startsWith(deletePrefix)) deleteFromList(out, key, value)
    else if (value === null) delete out[key]
    else mergeField(schema, out, key, value)
  }
  return out
}

/** Takes `$retainKeys` out of the patch, and what it does not name out of the original. */
function retainKeys(original: JsonObject, patch: JsonObject): JsonObject {
  const retained = patch[retainKeysMarker]
  delete patch[retainKeysMarker]
  if (retained === undefined) return original
  const bad = badRequest('invalid patch format of retainKeys')
  if (!Array.isArray(retained)) throw bad
  for (const [key, value] of Object.entries(patch)) {
    if (value === null || key.startsWith(deletePrefix) || key.startsWith(orderPrefix)) continue
    if (!retained.includes(key)) throw bad
  }
  return Object.fromEntries(Object.entries(original).filter(([key]) => retained.includes(key)))
}

/** Merges a list together with the order that the patch wants it in, and takes both out of the patch. */
function mergeOrdered(schema: Schema, out: JsonObject, patch: JsonObject, directive: string): void {
  const order = patch[directive]
  delete patch[directive]
  if (!Array.isArray(order)) throw wrongArgument('[]interface {}', order)
  const key = listOf(directive, orderPrefix)
  if (key === null) throw badRequest('invalid patch format of setElementOrder list')
  const original = listAt(out, key)
  const changes = listAt(patch, key)
  const list = listSchema(schema, key)
  checkOrder(changes ?? [], order, list.patchKey)
  if (original === undefined && changes === undefined) return
  let merged = original ?? []
  if (original === undefined) merged = asList(withoutDirectives(changes))
  else if (changes !== undefined) merged = mergedList(list, original, changes)
  elementType(original ?? [], changes ?? [])
  out[key] = inOrder(merged, order, original ?? [], list.patchKey)
  delete patch[key]
}

function asList(value: Json): Json[] {
  return Array.isArray(value) ? value : []
}

function listAt(object: JsonObject, key: string): Json[] | undefined {
  const value = object[key]
  if (value === undefined) return undefined
  if (!Array.isArray(value)) throw wrongArgument('[]interface {}', value)
  return value
}

function listSchema(schema: Schema, key: string): ListSchema {
  const below = known(schema, key)
  return below.kind === 'list' ? below : { kind: 'list', element: below, listType: 'atomic' }
}

function known(schema: Schema, key: string): Schema {
  const below = fieldSchema(schema, key)
  if (below !== undefined) return below
  const name = schema.kind === 'struct' ? goTypeName(schema.name) : ''
  throw patchFault(`unable to find api field in struct ${name} for the json field ${JSON.stringify(key)}`)
}

function mergedList(schema: ListSchema, original: Json[], patch: Json[]): Json[] {
  if (schema.patchMerge !== true) return patch
  return mergeList(schema, original, patch, (before, change) => mergeMap(schema.element, before, change))
}

function deleteFromList(out: JsonObject, directive: string, gone: Json): void {
  const key = listOf(directive, deletePrefix)
  if (key === null) throw badRequest('invalid patch format of primitive list')
  const list = out[key]
  if (gone === null) delete out[key]
  else if (Array.isArray(list) && Array.isArray(gone) && list.length + gone.length > 0) {
    elementType(list, gone)
    const removed = new Set(gone)
    out[key] = list.filter((item) => !removed.has(item))
  }
}

function mergeField(schema: Schema, out: JsonObject, key: string, value: Json): void {
  const current = out[key]
  if (current !== undefined && goType(current) === goType(value)) {
    if (isJsonObject(current) && isJsonObject(value)) {
      const below = known(schema, key)
      out[key] = below.kind === 'struct' && below.patchReplace ? value : mergeMap(below, current, value)
      return
    }
    if (Array.isArray(current) && Array.isArray(value)) {
      out[key] = mergedList(listSchema(schema, key), current, value)
      return
    }
  }
  const kept = withoutDirectives(value)
  if (kept === undefined) delete out[key]
  else out[key] = kept
}
