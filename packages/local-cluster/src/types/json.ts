import type { Json, JsonObject } from './objects.ts'

/** Sets a key that is absent; what Kubernetes' defaulting functions do. */
export function setDefault(object: JsonObject, key: string, value: Json): void {
  if (object[key] === undefined) object[key] = value
}

/** The object under `key`, made where it is absent. */
export function childObject(object: JsonObject, key: string): JsonObject {
  const child = object[key]
  if (isJsonObject(child)) return child
  const made: JsonObject = {}
  object[key] = made
  return made
}

/** The object under `key`, or null. */
export function optionalObject(object: JsonObject | null, key: string): JsonObject | null {
  const child = object?.[key]
  return isJsonObject(child) ? child : null
}

/** The objects of the list under `key`. */
export function objectList(object: JsonObject | null, key: string): JsonObject[] {
  const list = object?.[key]
  return Array.isArray(list) ? list.filter(isJsonObject) : []
}

export function stringOf(object: JsonObject | null, key: string): string {
  const value = object?.[key]
  return typeof value === 'string' ? value : ''
}

export function numberOf(object: JsonObject | null, key: string): number | undefined {
  const value = object?.[key]
  return typeof value === 'number' ? value : undefined
}

export function stringMap(object: JsonObject | null, key: string): Record<string, string> {
  const value = optionalObject(object, key)
  if (value === null) return {}
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}

export function stringList(object: JsonObject | null, key: string): string[] {
  const list = object?.[key]
  return Array.isArray(list) ? list.filter((item) => typeof item === 'string') : []
}

/** Keeps `status` as what a new object of the kind begins with. */
export function startStatus(object: JsonObject, status: JsonObject = {}): void {
  object.status = status
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
