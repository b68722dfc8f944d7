import type { Json } from '../../types/objects.ts'

/** What Go's JSON decoder calls a value that it can not take. */
export function goJsonName(value: Json): string {
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'boolean') return 'bool'
  return value === null || value === undefined ? 'null' : typeof value
}

/** What that decoder says of it. @param into `Go value`, or `Go struct field` with its name */
export function cannotUnmarshal(value: Json, into: string, type: string): string {
  return `json: cannot unmarshal ${goJsonName(value)} into ${into} of type ${type}`
}

/** How Go names the type of a JSON value (`%T`). */
export function goType(value: Json): string {
  if (value === null || value === undefined) return '<nil>'
  if (typeof value === 'string') return 'string'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64'
  return Array.isArray(value) ? '[]interface {}' : 'map[string]interface {}'
}

/** How Go prints a JSON value (`%v`): `map[a:1 b:[x y]]`. */
export function goText(value: Json): string {
  if (value === null || value === undefined) return '<nil>'
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`
  if (typeof value !== 'object') return String(value)
  const pairs = Object.keys(value).sort()
  return `map[${pairs.map((key) => `${key}:${goText(value[key])}`).join(' ')}]`
}

/** How Go writes a JSON value as source (`%#v`): `map[string]interface {}{"a":1}`. */
export function goSource(value: Json): string {
  if (value === null || value === undefined) return 'interface {}(nil)'
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (Array.isArray(value)) return `${goType(value)}{${value.map(goSource).join(', ')}}`
  const pairs = Object.keys(value).sort()
  return `${goType(value)}{${pairs.map((key) => `${JSON.stringify(key)}:${goSource(value[key])}`).join(', ')}}`
}
