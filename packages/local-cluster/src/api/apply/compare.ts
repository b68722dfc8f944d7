import { isDeepStrictEqual } from 'node:util'
import { isJsonObject } from '../../schema/decode.ts'
import type { Schema } from '../../schema/schema.ts'
import type { Json } from '../objects.ts'
import { FieldSet } from './field-set.ts'
import { elementsOf, fieldSchema, isAtomic } from './typed.ts'

export interface Comparison {
  added: FieldSet
  modified: FieldSet
  removed: FieldSet
}

/**
 * Which fields differ between two states. A list, map or struct that is new (or gone) counts itself, too.
 * Reference: typed.TypedValue.Compare.
 */
export function compare(schema: Schema, before: Json, after: Json): Comparison {
  const out = { added: new FieldSet(), modified: new FieldSet(), removed: new FieldSet() }
  walk(schema, before, after, [], out)
  return out
}

function isEmpty(value: Json): boolean {
  if (value === null || value === undefined) return true
  return Array.isArray(value) ? value.length === 0 : isJsonObject(value) && Object.keys(value).length === 0
}

function walk(schema: Schema, before: Json, after: Json, path: readonly string[], out: Comparison): void {
  if (before === after) return
  if (isAtomic(schema) || (isEmpty(before) && isEmpty(after))) {
    if (before === undefined) out.added.insert(path)
    else if (after === undefined) out.removed.insert(path)
    else if (!isDeepStrictEqual(before, after) && !(isEmpty(before) && isEmpty(after))) out.modified.insert(path)
    return
  }
  if (schema.kind === 'list') {
    const [old, now] = [elementsOf(schema, before, path), elementsOf(schema, after, path)]
    for (const element of new Set([...old.keys(), ...now.keys()])) {
      const at = [...path, element]
      if (schema.listType === 'map') walk(schema.element, old.get(element), now.get(element), at, out)
      else if (!old.has(element)) out.added.insert(at)
      else if (!now.has(element)) out.removed.insert(at)
    }
  } else {
    const [old, now] = [isJsonObject(before) ? before : {}, isJsonObject(after) ? after : {}]
    for (const key of new Set([...Object.keys(old), ...Object.keys(now)])) {
      const below = fieldSchema(schema, key)
      if (below !== undefined) walk(below, old[key], now[key], [...path, `f:${key}`], out)
    }
  }
  if (before === undefined) out.added.insert(path)
  if (after === undefined) out.removed.insert(path)
}
