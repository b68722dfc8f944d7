import { isJsonObject } from '../../types/json.ts'
import type { Json, JsonObject } from '../../types/objects.ts'
import { keyDefaults } from '../schema/merge-rules.ts'
import type { ListSchema, Schema } from '../schema/schema.ts'

/** A value that does not fit its schema, in the words of structured-merge-diff. */
export class TypedValueError extends Error {
  override readonly name = 'TypedValueError'
}

export function fieldSchema(schema: Schema, key: string): Schema | undefined {
  if (schema.kind === 'struct') return schema.fields.get(key)
  if (schema.kind === 'map') return schema.element
  return { kind: 'any' }
}

/** True where a value is owned as a whole. */
export function isAtomic(schema: Schema): boolean {
  switch (schema.kind) {
    case 'list':
      return schema.listType === 'atomic'
    case 'map':
    case 'struct':
      return schema.atomic
    default:
      return true
  }
}

/** Null, or a list or map without anything in it. Absent values (undefined) are empty, too. */
export function isEmpty(value: Json): boolean {
  if (value === null || value === undefined) return true
  if (Array.isArray(value)) return value.length === 0
  if (!isJsonObject(value)) return false
  for (const _ in value) return false
  return true
}

/** Keys and values that are there; undefined is not. */
export function entriesOf(value: Json): [string, Json][] {
  return isJsonObject(value) ? Object.entries(value).filter(([, child]) => child !== undefined) : []
}

/**
 * Path element of a list member: its keys (completed by their defaults) or its value.
 * @throws TypedValueError for what can not be told from other members.
 */
export function listElement(schema: ListSchema, item: Json): string {
  if (schema.listType === 'set') {
    if (Array.isArray(item)) throw new TypedValueError('not supported: associative list with lists as elements')
    if (isJsonObject(item)) throw new TypedValueError("associative list without keys has an element that's a map type")
    if (item === null || item === undefined)
      throw new TypedValueError("associative list without keys has an element that's an explicit null")
    return `v:${JSON.stringify(item)}`
  }
  if (item === null || item === undefined)
    throw new TypedValueError('associative list with keys may not have a null element')
  if (!isJsonObject(item)) throw new TypedValueError('associative list with keys may not have non-map elements')
  const keys: JsonObject = {}
  let found = false
  for (const key of [...(schema.keys ?? [])].sort()) {
    const value = item[key] ?? keyDefault(schema.element, key)
    if (value === undefined) continue
    keys[key] = value
    found = true
  }
  if (found) return `k:${JSON.stringify(keys)}`
  const names = (schema.keys ?? []).map((key) => JSON.stringify(key)).join(' ')
  throw new TypedValueError(
    `associative list with keys has an element that omits all key fields [${names}] (and doesn't have default values for any key fields)`,
  )
}

/** Keys that a writer may leave out are empty: but where a type does not say that they are always there. */
function keyDefault(element: Schema, key: string): Json {
  const known = keyDefaults[key]
  if (known !== undefined || element.kind !== 'struct' || element.name === 'V1ObjectReference') return known
  const field = element.fields.get(key)
  if (field?.kind !== 'scalar') return undefined
  return field.scalar === 'string' ? '' : 0
}

/** Members of a keyed list by their path element: the first of those that have the same. Null and no list have none. */
export function elementsOf(schema: ListSchema, list: Json): Map<string, Json[]> {
  const out = new Map<string, Json[]>()
  for (const item of Array.isArray(list) ? list : []) {
    const element = listElement(schema, item)
    const same = out.get(element)
    if (same === undefined) out.set(element, [item])
    else same.push(item)
  }
  return out
}
