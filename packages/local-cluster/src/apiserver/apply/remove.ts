import { isJsonObject } from '../../types/json.ts'
import type { Json, JsonObject } from '../../types/objects.ts'
import type { ListSchema, Schema } from '../schema/schema.ts'
import type { FieldSet } from './field-set.ts'
import { entriesOf, fieldSchema, isAtomic, isEmpty, listElement } from './typed.ts'

/**
 * The value without the given fields. What has lost something inside stays, if only empty; what is left without anything
 * because its members themselves are gone is null. Reference: typed.TypedValue.RemoveItems.
 */
export function removeFields(schema: Schema, value: Json, set: FieldSet): Json {
  if (schema.kind === 'scalar' || schema.kind === 'any') return value
  if (isEmpty(value) || isAtomic(schema)) return null
  return schema.kind === 'list' ? removeFromList(schema, value, set) : removeFromMap(schema, value, set)
}

/** Below something that is kept: a container does not become null. */
function removeBelow(schema: Schema, value: Json, set: FieldSet): Json {
  const left = removeFields(schema, value, set)
  if (left !== null) return left
  if (Array.isArray(value)) return []
  return isJsonObject(value) ? {} : null
}

function removeFromList(schema: ListSchema, value: Json, set: FieldSet): Json {
  const out: Json[] = []
  let touched = false
  for (const item of Array.isArray(value) ? value : []) {
    const element = listElement(schema, item)
    if (set.members.has(element)) continue
    const below = set.children.get(element)
    if (below === undefined || below.empty) out.push(item)
    else {
      touched = true
      out.push(removeBelow(schema.element, item, below))
    }
  }
  return out.length > 0 || touched ? out : null
}

function removeFromMap(schema: Schema, value: Json, set: FieldSet): Json {
  const out: JsonObject = {}
  let kept = false
  for (const [key, child] of entriesOf(value)) {
    const element = `f:${key}`
    if (set.members.has(element)) continue
    const below = set.children.get(element)
    const schemaBelow = fieldSchema(schema, key)
    kept = true
    out[key] =
      below === undefined || below.empty || schemaBelow === undefined ? child : removeBelow(schemaBelow, child, below)
  }
  return kept ? out : null
}
