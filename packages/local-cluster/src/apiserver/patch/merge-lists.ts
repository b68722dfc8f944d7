import type { ApiError } from '../../types/errors.ts'
import { isJsonObject } from '../../types/json.ts'
import type { Json, JsonObject } from '../../types/objects.ts'
import { goText, goType } from '../schema/go-values.ts'
import type { ListSchema } from '../schema/schema.ts'
import { patchFault, patchMarker, unknownPatchType, withoutKey, wrongArgument } from './directives.ts'
import { unfit } from './unfit.ts'

type MergeElement = (original: JsonObject, patch: JsonObject) => JsonObject

/** A list with the patch's members merged in by their key, in the patch's order. Reference: strategicpatch.mergeSlice. */
export function mergeList(schema: ListSchema, original: Json[], patch: Json[], mergeElement: MergeElement): Json[] {
  if (original.length === 0 && patch.length === 0) return original
  const type = elementType(original, patch)
  const { patchKey } = schema
  if (type !== 'map[string]interface {}') {
    const both = [...new Set([...original, ...patch])]
    return inOrder(both, patch, original, undefined)
  }
  if (patchKey === undefined) throw patchFault('cannot merge lists without merge key')
  const { kept, changes } = applyMarkers(original, patch, patchKey)
  const merged = [...kept]
  const positions = firstPositions(merged.map((item) => (isJsonObject(item) ? item[patchKey] : undefined)))
  for (const change of changes) {
    const key = keyOf(change, patchKey)
    const index = positions.get(key) ?? merged.length
    const same = merged[index]
    merged[index] = isJsonObject(same) ? mergeElement(same, change) : change
    positions.set(key, index)
  }
  return inOrder(merged, changes, kept, patchKey)
}

function firstPositions(keys: Json[]): Map<Json, number> {
  const out = new Map<Json, number>()
  for (const [index, key] of keys.entries()) if (!out.has(key)) out.set(key, index)
  return out
}

/** Every member of all the lists is of this type. */
export function elementType(...lists: Json[][]): string {
  const types = new Set(lists.flatMap((list) => list.map(goType)))
  const [first] = types
  if (first === undefined) throw patchFault('no elements in any of the given slices')
  if (first === '[]interface {}') throw unfit()
  if (types.size > 1) throw patchFault(`list element types are not identical: ${goText(lists)}`)
  return first
}

/** What `$patch` in a member of a list says: delete those with its key, or replace the whole list by the others. */
function applyMarkers(original: Json[], patch: Json[], key: string): { kept: Json[]; changes: JsonObject[] } {
  const gone = new Set<Json>()
  let replaces = false
  const changes: JsonObject[] = []
  for (const item of patch.filter(isJsonObject)) {
    const marker = item[patchMarker]
    if (marker === undefined) changes.push(item)
    else if (marker === 'replace') replaces = true
    else if (marker === 'delete') gone.add(keyOf(item, key))
    else if (marker === 'merge') throw patchFault('merging lists cannot yet be specified in the patch')
    else throw unknownPatchType(marker, item)
  }
  if (replaces) return { kept: changes, changes: [] }
  return { kept: original.filter((item) => !isJsonObject(item) || !gone.has(item[key])), changes }
}

function keyOf(item: JsonObject, key: string): Json {
  const value = item[key]
  if (value === undefined) throw withoutKey(item, key)
  return value
}

/**
 * The members that the order names in its order, those of the server alone where they were: before what came after them, and
 * behind what is new. Reference: strategicpatch.normalizeElementOrder.
 */
export function inOrder(list: Json[], order: Json[], serverOrder: Json[], key: string | undefined): Json[] {
  const identity = (item: Json): Json => {
    if (key === undefined) return item
    if (!isJsonObject(item)) throw wrongArgument('map[string]interface {}', item)
    return keyOf(item, key)
  }
  const [named, served] = [firstPositions(order.map(identity)), firstPositions(serverOrder.map(identity))]
  const at = (positions: Map<Json, number>, item: Json) => positions.get(identity(item)) ?? -1
  const right = list.filter((item) => at(named, item) >= 0).sort((a, b) => at(named, a) - at(named, b))
  const left = list.filter((item) => at(named, item) < 0).sort((a, b) => at(served, a) - at(served, b))
  const out: Json[] = []
  let next = 0
  for (const item of right) {
    const position = at(served, item)
    for (; next < left.length; next += 1) {
      const before = at(served, left[next])
      if (position < 0 || before < 0 || before > position) break
      out.push(left[next])
    }
    out.push(item)
  }
  return [...out, ...left.slice(next)]
}

/** @throws ApiError where the patch's own order is not that of `$setElementOrder`. */
export function checkOrder(patch: Json[], order: Json[], key: string | undefined): void {
  if (patch.length === 0 || order.length === 0) return
  const items = key === undefined ? patch : patch.map(asMap).filter((item) => !(patchMarker in item))
  let next = 0
  for (const wanted of order) {
    const item = items[next]
    if (item === undefined) break
    const same = key === undefined ? item === wanted : keyOf(asMap(item), key) === keyOf(asMap(wanted), key)
    if (same) next += 1
  }
  if (next < items.length) throw mismatchedOrder(patch, order)
}

function asMap(item: Json): JsonObject {
  if (!isJsonObject(item)) throw wrongArgument('map[string]interface {}', item)
  return item
}

function mismatchedOrder(patch: Json[], order: Json[]): ApiError {
  const lists = `The order in patch list:\n${goText(patch)}\n doesn't match $setElementOrder list:\n${goText(order)}\n`
  return patchFault(lists)
}
