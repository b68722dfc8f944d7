import { isJsonObject } from '../../schema/decode.ts'
import { keyDefaults } from '../../schema/merge-rules.ts'
import type { ListSchema, Schema } from '../../schema/schema.ts'
import type { Json, JsonObject } from '../objects.ts'
import { FieldSet, pathText } from './field-set.ts'

/** A value that does not fit its schema, in the words of structured-merge-diff. */
export class TypedValueError extends Error {
  override readonly name = 'TypedValueError'
}

/** Path element of a list member: its keys (completed by their defaults) or its value. */
function listElement(schema: ListSchema, item: Json): string {
  if (schema.listType === 'set') return `v:${JSON.stringify(item)}`
  const keys: JsonObject = {}
  for (const key of [...(schema.keys ?? [])].sort()) {
    const value = isJsonObject(item) ? (item[key] ?? keyDefaults[key]) : undefined
    if (value !== undefined) keys[key] = value
  }
  return `k:${JSON.stringify(keys)}`
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

/** Members of a keyed list by path element, in their order. Duplicates are refused where `strict`. */
export function elementsOf(
  schema: ListSchema,
  list: Json,
  where: readonly string[],
  strict = false,
): Map<string, Json> {
  const out = new Map<string, Json>()
  for (const item of Array.isArray(list) ? list : []) {
    const element = listElement(schema, item)
    if (strict && out.has(element)) {
      const key = pathText([element])
      throw new TypedValueError(`${pathText(where)}: duplicate entries for key ${key}`)
    }
    if (!out.has(element)) out.set(element, item)
  }
  return out
}

/** The fields a configuration names: what its applier will own. Reference: typed.TypedValue.ToFieldSet. */
export function toFieldSet(schema: Schema, value: Json): FieldSet {
  const out = new FieldSet()
  collect(schema, value, [], out)
  return out
}

function collect(schema: Schema, value: Json, path: readonly string[], out: FieldSet): void {
  if (isAtomic(schema) || value === null || value === undefined) {
    out.insert(path)
    return
  }
  if (schema.kind === 'list') {
    const elements = elementsOf(schema, value, path, true)
    if (elements.size === 0) out.insert(path)
    for (const [element, item] of elements) {
      const at = [...path, element]
      if (schema.listType === 'map') collect(schema.element, item, at, out)
      out.insert(at)
    }
    return
  }
  const entries = isJsonObject(value) ? Object.entries(value) : []
  if (entries.length === 0) out.insert(path)
  for (const [key, child] of entries) {
    const below = fieldSchema(schema, key)
    const at = [...path, `f:${key}`]
    if (below === undefined) throw new TypedValueError(`${pathText(at)}: field not declared in schema`)
    collect(below, child, at, out)
    if (schema.kind === 'map') out.insert(at)
  }
}

/** Live object with a configuration laid over it. Reference: typed.TypedValue.Merge. */
export function merge(schema: Schema, live: Json, config: Json): Json {
  if (config === undefined) return live
  if (live === undefined || live === null || config === null || isAtomic(schema)) return config
  if (schema.kind === 'list') return mergeList(schema, live, config)
  if (!isJsonObject(live) || !isJsonObject(config)) return config
  const out: JsonObject = { ...live }
  for (const [key, value] of Object.entries(config)) {
    const below = fieldSchema(schema, key)
    out[key] = below === undefined ? value : merge(below, live[key], value)
  }
  return out
}

/**
 * Members of both lists, in the configuration's order; live members that it does not name stay behind the
 * neighbour they followed.
 */
function mergeList(schema: ListSchema, live: Json, config: Json): Json {
  const mine = elementsOf(schema, live, [])
  const theirs = elementsOf(schema, config, [])
  const out: Json[] = []
  const written = new Set<string>()
  const liveKeys = [...mine.keys()]
  let next = 0
  const emitLiveOnly = () => {
    for (let key = liveKeys[next]; key !== undefined && !theirs.has(key); key = liveKeys[next]) {
      out.push(mine.get(key))
      next += 1
    }
  }
  for (const [key, item] of theirs) {
    emitLiveOnly()
    const old = mine.get(key)
    out.push(schema.listType === 'map' && old !== undefined ? merge(schema.element, old, item) : item)
    written.add(key)
    while (next < liveKeys.length && written.has(liveKeys[next] ?? '')) next += 1
  }
  for (; next < liveKeys.length; next += 1) {
    const key = liveKeys[next]
    if (key !== undefined && !theirs.has(key)) out.push(mine.get(key))
  }
  return out
}

/** The value without the given fields. Reference: typed.TypedValue.RemoveItems. */
export function removeFields(schema: Schema, value: Json, set: FieldSet): Json {
  if (set.empty || isAtomic(schema)) return value
  if (schema.kind === 'list') {
    if (!Array.isArray(value)) return value
    const out: Json[] = []
    for (const item of value) {
      const element = listElement(schema, item)
      if (set.members.has(element)) continue
      const below = set.children.get(element)
      out.push(below === undefined ? item : removeFields(schema.element, item, below))
    }
    return out.length === 0 ? undefined : out
  }
  if (!isJsonObject(value)) return value
  const out: JsonObject = {}
  for (const [key, child] of Object.entries(value)) {
    const element = `f:${key}`
    if (set.members.has(element)) continue
    const below = set.children.get(element)
    const schemaBelow = fieldSchema(schema, key)
    const kept = below === undefined || schemaBelow === undefined ? child : removeFields(schemaBelow, child, below)
    if (kept !== undefined) out[key] = kept
  }
  return Object.keys(out).length === 0 && Object.keys(value).length > 0 ? undefined : out
}
