import { isDeepStrictEqual } from 'node:util'
import { isJsonObject } from '../../schema/decode.ts'
import type { ListSchema, Schema, StructSchema } from '../../schema/schema.ts'
import { fieldSchema } from '../apply/typed.ts'
import { badRequest } from '../errors.ts'
import type { Json, JsonObject } from '../objects.ts'
import { notAnObject } from './merge-patch.ts'

/**
 * Kubernetes' own patch: like a merge patch, but lists of named things merge by their key. Understands the directives
 * `$patch`, `$retainKeys`, `$setElementOrder/<list>` and `$deleteFromPrimitiveList/<list>`.
 * Reference: https://kubernetes.io/docs/reference/using-api/api-concepts/#patch-and-apply (strategicpatch.StrategicMergePatch).
 */
export function applyStrategicMergePatch(schema: StructSchema, object: JsonObject, patch: Json): JsonObject {
  if (!isJsonObject(patch)) throw notAnObject(patch)
  return mergeObject(schema, object, patch)
}

const orderDirective = '$setElementOrder/'
const deleteDirective = '$deleteFromPrimitiveList/'

function mergeObject(schema: Schema, object: JsonObject, patch: JsonObject): JsonObject {
  const { $patch: mode, $retainKeys: retain, ...changes } = patch
  if (mode === 'replace') return withoutNulls(changes)
  if (mode === 'delete') return {}
  if (mode !== undefined && mode !== 'merge') throw badRequest(`Unknown patch type: ${String(mode)}`)
  const out = retainKeys({ ...object }, retain, changes)
  for (const [key, value] of Object.entries(changes)) {
    if (key.startsWith('$')) applyDirective(schema, out, key, value, changes)
    else if (value === null) delete out[key]
    else out[key] = mergeField(schema, key, out[key], value, changes[orderDirective + key])
  }
  return out
}

function retainKeys(object: JsonObject, retain: Json, changes: JsonObject): JsonObject {
  if (!Array.isArray(retain)) return object
  const extra = Object.keys(changes).find(
    (key) => !key.startsWith('$') && changes[key] !== null && !retain.includes(key),
  )
  if (extra !== undefined) {
    throw badRequest(`fields present in the patch but not in the $retainKeys list: ${extra}`)
  }
  return Object.fromEntries(Object.entries(object).filter(([key]) => retain.includes(key)))
}

function applyDirective(schema: Schema, out: JsonObject, key: string, value: Json, changes: JsonObject): void {
  if (key.startsWith(deleteDirective)) {
    const field = key.slice(deleteDirective.length)
    const list = out[field]
    const removed = Array.isArray(value) ? value : []
    if (Array.isArray(list)) out[field] = list.filter((item) => !removed.some((gone) => isDeepStrictEqual(gone, item)))
  } else if (key.startsWith(orderDirective)) {
    const field = key.slice(orderDirective.length)
    const list = out[field]
    const below = fieldSchema(schema, field)
    // With a patch of the list itself, the order is applied after that.
    if (field in changes || !Array.isArray(list) || below?.kind !== 'list') return
    out[field] = reorder(below, list, value)
  }
}

function mergeField(schema: Schema, key: string, current: Json, value: Json, order: Json): Json {
  const below = fieldSchema(schema, key)
  if (isJsonObject(value)) {
    if (below?.kind === 'struct' && below.patchReplace) return withoutNulls(value)
    return mergeObject(below ?? { kind: 'any' }, isJsonObject(current) ? current : {}, value)
  }
  if (!Array.isArray(value) || below?.kind !== 'list' || below.patchMerge !== true) return value
  const merged = mergeList(below, Array.isArray(current) ? current : [], value)
  return order === undefined ? merged : reorder(below, merged, order)
}

function mergeList(schema: ListSchema, current: Json[], patch: Json[]): Json[] {
  const { patchKey } = schema
  if (patchKey === undefined) return [...current, ...patch.filter((item) => !current.includes(item))]
  const items = patch.filter(isJsonObject)
  if (items.some((item) => item.$patch === 'replace')) {
    return items.filter((item) => !('$patch' in item)).map(withoutNulls)
  }
  let out = [...current]
  for (const item of items) {
    const key = item[patchKey]
    if (key === undefined) {
      throw badRequest(`map: ${JSON.stringify(item)} does not contain declared merge key: ${patchKey}`)
    }
    const same = (candidate: Json) => isJsonObject(candidate) && candidate[patchKey] === key
    if (item.$patch === 'delete') {
      out = out.filter((candidate) => !same(candidate))
      continue
    }
    const index = out.findIndex(same)
    const existing = out[index]
    if (isJsonObject(existing)) out[index] = mergeObject(schema.element, existing, item)
    else out.push(mergeObject(schema.element, {}, item))
  }
  return out
}

/** Elements the directive names come in its order; the others stay behind the neighbour they followed. */
function reorder(schema: ListSchema, list: Json[], order: Json): Json[] {
  if (!Array.isArray(order)) return list
  const { patchKey } = schema
  const identity = (item: Json): Json => (patchKey !== undefined && isJsonObject(item) ? item[patchKey] : item)
  const wanted = order.map(identity)
  const named = list.filter((item) => wanted.includes(identity(item)))
  named.sort((a, b) => wanted.indexOf(identity(a)) - wanted.indexOf(identity(b)))
  const out: Json[] = []
  for (const item of list) {
    const next = wanted.includes(identity(item)) ? named.shift() : item
    out.push(next)
  }
  return out
}

function withoutNulls(value: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, child]) => child !== null && !key.startsWith('$'))
      .map(([key, child]) => [key, isJsonObject(child) ? withoutNulls(child) : child]),
  )
}
