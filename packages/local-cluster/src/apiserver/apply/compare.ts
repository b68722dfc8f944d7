import { isDeepStrictEqual } from 'node:util'
import { isJsonObject } from '../../types/json.ts'
import type { Json } from '../../types/objects.ts'
import type { ListSchema, Schema } from '../schema/schema.ts'
import { FieldSet } from './field-set.ts'
import { elementsOf, fieldSchema, isAtomic, isEmpty } from './typed.ts'

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

function walk(schema: Schema, before: Json, after: Json, path: readonly string[], out: Comparison): void {
  if (before === after) return
  if (isAtomic(schema) || (isEmpty(before) && isEmpty(after))) {
    if (before === undefined) out.added.insert(path)
    else if (after === undefined) out.removed.insert(path)
    else if (!isDeepStrictEqual(before, after)) out.modified.insert(path)
    return
  }
  if (schema.kind === 'list') walkList(schema, before, after, path, out)
  else {
    const [old, now] = [isJsonObject(before) ? before : {}, isJsonObject(after) ? after : {}]
    for (const key of new Set([...Object.keys(old), ...Object.keys(now)])) {
      const below = fieldSchema(schema, key)
      if (below !== undefined) walk(below, old[key], now[key], [...path, `f:${key}`], out)
    }
  }
  if (before === undefined) out.added.insert(path)
  if (after === undefined) out.removed.insert(path)
}

/** Members that come twice, on one of the sides, are compared as a whole. */
function walkList(schema: ListSchema, before: Json, after: Json, path: readonly string[], out: Comparison): void {
  const [old, now] = [elementsOf(schema, before), elementsOf(schema, after)]
  for (const element of new Set([...old.keys(), ...now.keys()])) {
    const at = [...path, element]
    const [mine, theirs] = [old.get(element) ?? [], now.get(element) ?? []]
    if (mine.length < 2 && theirs.length < 2) walkItem(schema, mine[0], theirs[0], at, out)
    else if (mine.length >= 2 && theirs.length >= 2) {
      if (!isDeepStrictEqual(mine, theirs)) out.modified.insert(at)
    } else if (mine.length >= 2) {
      if (theirs.length > 0) walkItem(schema, undefined, theirs[0], at, out)
      out.removed.insert(at)
    } else {
      if (mine.length > 0) walkItem(schema, mine[0], undefined, at, out)
      out.added.insert(at)
    }
  }
}

function walkItem(schema: ListSchema, before: Json, after: Json, at: readonly string[], out: Comparison): void {
  if (schema.listType === 'map') walk(schema.element, before, after, at, out)
  else if (before === undefined) out.added.insert(at)
  else if (after === undefined) out.removed.insert(at)
}
