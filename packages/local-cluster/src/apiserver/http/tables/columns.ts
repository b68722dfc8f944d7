import { objectList, optionalObject, stringList, stringMap, stringOf } from '../../../types/json.ts'
import type { Json, JsonObject } from '../../../types/objects.ts'

export interface Column {
  name: string
  type: 'string' | 'integer' | 'boolean'
  /** 1: shown in wide output only. */
  priority: 0 | 1
  format?: 'name'
  description: string
}

/** How `kubectl get` shows a kind: columns and the cells of one object. */
export interface Printer {
  columns: Column[]
  cells(object: JsonObject, nowMs: number): Json[]
}

export function column(name: string, description: string, options: Partial<Column> = {}): Column {
  return { name, type: 'string', priority: 0, description, ...options }
}

export const nameColumn = column('Name', 'Name must be unique within a namespace.', { format: 'name' })
export const ageColumn = column(
  'Age',
  'CreationTimestamp is a timestamp representing the server time when this object was created.',
)

/** `5s`, `3m20s`, `2d3h`: reference k8s.io/apimachinery/pkg/util/duration.HumanDuration. */
export function humanDuration(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  if (seconds < -1) return '<invalid>'
  if (seconds < 0) return '0s'
  if (seconds < 120) return `${seconds}s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 10) return withRest(minutes, 'm', seconds % 60, 's')
  if (minutes < 180) return `${minutes}m`
  const hours = Math.floor(minutes / 60)
  if (hours < 8) return withRest(hours, 'h', minutes % 60, 'm')
  if (hours < 48) return `${hours}h`
  if (hours < 24 * 8) return withRest(Math.floor(hours / 24), 'd', hours % 24, 'h')
  if (hours < 24 * 365 * 2) return `${Math.floor(hours / 24)}d`
  const years = Math.floor(hours / 24 / 365)
  if (hours < 24 * 365 * 8) return withRest(years, 'y', Math.floor(hours / 24) % 365, 'd')
  return `${years}y`
}

function withRest(value: number, unit: string, rest: number, restUnit: string): string {
  return rest === 0 ? `${value}${unit}` : `${value}${unit}${rest}${restUnit}`
}

export function since(time: string, nowMs: number): string {
  return time === '' ? '<unknown>' : humanDuration(nowMs - Date.parse(time))
}

export function age(object: JsonObject, nowMs: number): string {
  return since(stringOf(optionalObject(object, 'metadata'), 'creationTimestamp'), nowMs)
}

export function name(object: JsonObject): string {
  return stringOf(optionalObject(object, 'metadata'), 'name')
}

export function spec(object: JsonObject): JsonObject {
  return optionalObject(object, 'spec') ?? {}
}

export function status(object: JsonObject): JsonObject {
  return optionalObject(object, 'status') ?? {}
}

export function count(object: JsonObject, key: string): number {
  const value = object[key]
  return typeof value === 'number' ? value : 0
}

/** Container names and images of a template. */
function containersOf(podSpec: JsonObject | null): [names: string, images: string] {
  const containers = objectList(podSpec, 'containers')
  return [
    containers.map((container) => stringOf(container, 'name')).join(','),
    containers.map((container) => stringOf(container, 'image')).join(','),
  ]
}

export function templateContainers(object: JsonObject): [names: string, images: string] {
  return containersOf(optionalObject(optionalObject(spec(object), 'template'), 'spec'))
}

/** A label selector as its query. */
export function selectorText(selector: JsonObject | null): string {
  const parts = Object.entries(stringMap(selector, 'matchLabels')).map(([key, value]) => `${key}=${value}`)
  for (const expression of objectList(selector, 'matchExpressions')) {
    const key = stringOf(expression, 'key')
    const values = stringList(expression, 'values').join(',')
    if (expression.operator === 'In') parts.push(`${key} in (${values})`)
    else if (expression.operator === 'NotIn') parts.push(`${key} notin (${values})`)
    else parts.push(expression.operator === 'Exists' ? key : `!${key}`)
  }
  return parts.length === 0 ? '<none>' : parts.sort().join(',')
}

export function mapText(map: Record<string, string>): string {
  const parts = Object.entries(map).map(([key, value]) => `${key}=${value}`)
  return parts.length === 0 ? '<none>' : parts.sort().join(',')
}
