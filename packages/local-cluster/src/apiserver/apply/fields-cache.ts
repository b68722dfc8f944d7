import { shared } from '../../store/shared.ts'
import { isJsonObject } from '../../types/json.ts'
import type { Json, JsonObject } from '../../types/objects.ts'
import { FieldSet } from './field-set.ts'

/** Most texts and sets that are remembered. */
const mostRemembered = 2_000

/** FieldsV1 that were written last, by their text: objects of one template, written by the same managers, hold one copy. */
const written = new Map<string, JsonObject>()
/** Sets of FieldsV1 that were read last. Sets are never changed once they are made. */
const read = new Map<JsonObject, FieldSet>()
const texts = new WeakMap<FieldSet, JsonObject>()

/** The set that stored FieldsV1 stand for. */
export function readFields(fields: Json): FieldSet {
  // What a client sends may be anything; what is stored is frozen.
  if (!isJsonObject(fields) || !Object.isFrozen(fields)) return FieldSet.fromFieldsV1(fields)
  const known = read.get(fields)
  if (known !== undefined) return known
  const set = FieldSet.fromFieldsV1(fields)
  remember(read, fields, set)
  texts.set(set, fields)
  return set
}

/** False for what holds a key or a value of a list that is no JSON. What is stored was looked at before. */
export function areFields(fields: Json): boolean {
  if (!isJsonObject(fields) || Object.isFrozen(fields)) return true
  return Object.entries(fields).every(([element, below]) => isElement(element) && areFields(below))
}

function isElement(element: string): boolean {
  if (!/^[kv]:/.test(element)) return true
  try {
    const value: unknown = JSON.parse(element.slice(2))
    return element.startsWith('v:') || isJsonObject(value)
  } catch (error) {
    if (error instanceof SyntaxError) return false
    throw error
  }
}

/** The set as FieldsV1, frozen. */
export function writeFields(set: FieldSet): JsonObject {
  const known = texts.get(set)
  if (known !== undefined) return known
  const fields = set.toFieldsV1()
  const text = JSON.stringify(fields)
  const equal = written.get(text)
  if (equal !== undefined) {
    remember(written, text, equal)
    return equal
  }
  const kept = shared(fields, undefined) as JsonObject
  remember(written, text, kept)
  return kept
}

/** Puts the entry last, and drops the first where there are too many. */
function remember<K, V>(map: Map<K, V>, key: K, value: V): void {
  map.delete(key)
  map.set(key, value)
  if (map.size <= mostRemembered) return
  for (const oldest of map.keys()) {
    map.delete(oldest)
    return
  }
}
