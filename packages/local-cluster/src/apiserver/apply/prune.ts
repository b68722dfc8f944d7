import type { Json } from '../../types/objects.ts'
import type { Schema } from '../schema/schema.ts'
import { FieldSet } from './field-set.ts'
import { removeFields } from './remove.ts'
import { toFieldSet } from './to-field-set.ts'
import { fieldSchema } from './typed.ts'

/**
 * Takes from the merged object what its applier owned before, names no longer, and nobody else owns.
 * @param owned what all managers own now, the applier with its new configuration among them.
 * Reference: merge.Updater.prune.
 */
export function prune(schema: Schema, merged: Json, before: FieldSet, owned: FieldSet): Json {
  if (before.empty || before.difference(owned).empty) return merged
  const last = withNamedFields(schema, before)
  const all = withNamedFields(schema, toFieldSet(schema, merged))
  const fieldsOf = (value: Json) => withNamedFields(schema, toFieldSet(schema, value))
  const bare = removeFields(schema, merged, last)
  const backed = removeFields(schema, merged, all.difference(fieldsOf(bare).union(withNamedFields(schema, owned))))
  // What nobody owns is not the applier's to take along.
  return removeFields(schema, merged, all.difference(fieldsOf(backed)).intersection(last))
}

/** With the named fields of structs on the way to a member as members. Reference: Set.EnsureNamedFieldsAreMembers. */
function withNamedFields(schema: Schema | undefined, set: FieldSet): FieldSet {
  const out = new FieldSet()
  for (const member of set.members) out.members.add(member)
  for (const [key, child] of set.children) {
    const below = schema === undefined ? undefined : schemaBelow(schema, key)
    if (schema?.kind === 'struct' && key.startsWith('f:') && below !== undefined) out.members.add(key)
    out.children.set(key, withNamedFields(below, child))
  }
  return out
}

function schemaBelow(schema: Schema, element: string): Schema | undefined {
  if (element.startsWith('f:')) {
    return schema.kind === 'struct' || schema.kind === 'map' ? fieldSchema(schema, element.slice(2)) : undefined
  }
  return schema.kind === 'list' ? schema.element : undefined
}
