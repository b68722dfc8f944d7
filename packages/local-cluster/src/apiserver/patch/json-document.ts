import { isJsonObject } from '../../types/json.ts'
import type { Json, JsonObject } from '../../types/objects.ts'
import { unfit } from './unfit.ts'

/** A list or map of a document, and the key in it that a pointer ends with. */
export interface Place {
  container: Json[] | JsonObject
  key: string
}

/** The place that a pointer names. What stands before its first slash does not count, as in the real server. */
export function placeOf(document: Json, pointer: string): Place {
  const [, ...keys] = pointer.split('/').map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
  const last = keys.pop()
  if (last === undefined) throw unfit()
  const container = keys.reduce<Json>(
    (value, key) => (isContainer(value) ? valueAt({ container: value, key }) : null),
    document,
  )
  if (!isContainer(container)) throw unfit()
  return { container, key: last }
}

function isContainer(value: Json): value is Json[] | JsonObject {
  return Array.isArray(value) || isJsonObject(value)
}

/** Negative indexes count from the end, those of `length` items in all. */
function indexOf(key: string, length: number): number {
  if (!/^[+-]?\d+$/.test(key)) throw unfit()
  const index = Number(key) < 0 ? Number(key) + length : Number(key)
  if (index < 0 || index >= length) throw unfit()
  return index
}

/** The value there; undefined for a key that a map does not have. */
export function valueAt({ container, key }: Place): Json {
  if (Array.isArray(container)) return container[indexOf(key, container.length)] ?? null
  return Object.hasOwn(container, key) ? container[key] : undefined
}

export function setAt({ container, key }: Place, value: Json): void {
  if (Array.isArray(container)) container[indexOf(key, container.length)] = value
  else defineKey(container, key, value)
}

/** Into a list, before what is at the index; `-` is its end. */
export function addAt({ container, key }: Place, value: Json): void {
  if (!Array.isArray(container)) defineKey(container, key, value)
  else if (key === '-') container.push(value)
  else container.splice(indexOf(key, container.length + 1), 0, value)
}

export function removeAt({ container, key }: Place): void {
  if (Array.isArray(container)) container.splice(indexOf(key, container.length), 1)
  else if (Object.hasOwn(container, key)) delete container[key]
  else throw unfit()
}

/** `__proto__` is a key like any other. */
function defineKey(object: JsonObject, key: string, value: Json): void {
  Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true })
}
