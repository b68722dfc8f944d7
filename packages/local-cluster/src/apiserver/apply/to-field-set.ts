import type { Json } from '../../types/objects.ts'
import type { Schema } from '../schema/schema.ts'
import { FieldSet } from './field-set.ts'
import { elementsOf, entriesOf, fieldSchema, isAtomic, isEmpty } from './typed.ts'

/** The fields that a value has: what the applier of it owns. Reference: typed.TypedValue.ToFieldSet. */
export function toFieldSet(schema: Schema, value: Json): FieldSet {
  const out = new FieldSet()
  collect(schema, value, [], out)
  return out
}

function collect(schema: Schema, value: Json, path: readonly string[], out: FieldSet): void {
  if (isAtomic(schema)) {
    out.insert(path)
    return
  }
  if (schema.kind === 'list') {
    for (const [element, items] of elementsOf(schema, value)) {
      const at = [...path, element]
      // Of members that come twice nothing but that they are there can be told.
      if (schema.listType === 'map' && items.length === 1) collect(schema.element, items[0], at, out)
      out.insert(at)
    }
    return
  }
  for (const [key, child] of entriesOf(value)) {
    const below = fieldSchema(schema, key)
    const at = [...path, `f:${key}`]
    if (below === undefined) continue
    collect(below, child, at, out)
    if (schema.kind === 'map' || child === null || (isEmpty(child) && !Array.isArray(child))) out.insert(at)
  }
}
