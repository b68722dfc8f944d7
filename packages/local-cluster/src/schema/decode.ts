import type { Json, JsonObject } from '../api/objects.ts'
import { timestamp } from '../times.ts'
import { formatQuantity, parseQuantity, quantitySyntaxMessage } from './quantity.ts'
import { goTypeName, type ScalarSchema, type Schema, type StructSchema } from './schema.ts'

/** JSON that does not fit the kind's types, in the words of Go's decoder. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError'
}

export interface Decoded {
  value: JsonObject
  /** `unknown field "spec.bogus"`, in document order: refused (Strict), warned of (Warn) or dropped (Ignore). */
  strictErrors: string[]
}

interface Position {
  /** Go's field stack: without list indexes. */
  goPath: string
  /** Field path with list indexes, for unknown fields. */
  path: string
  structName: string
  strictErrors: string[]
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Deepest nesting that is read; the deepest real objects have about 20 levels. */
const mostLevels = 100

/**
 * Reads a kind's JSON as the typed API server does: unknown fields and nulls go away, quantities become canonical,
 * empty lists and maps are left out, and a value of the wrong type is a DecodeError.
 */
export function decode(schema: StructSchema, value: Json): Decoded {
  const strictErrors: string[] = []
  if (!isJsonObject(value)) throw typeError(value, '', schema.name)
  const decoded = decodeStruct(schema, value, { goPath: '', path: '', structName: '', strictErrors }, 0)
  return { value: decoded, strictErrors }
}

function jsonTypeName(value: Json): string {
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'boolean') return 'bool'
  return typeof value
}

function typeError(value: Json, where: string, goType: string): DecodeError {
  const place = where === '' ? 'Go value' : `Go struct field ${where}`
  return new DecodeError(`json: cannot unmarshal ${jsonTypeName(value)} into ${place} of type ${goType}`)
}

function decodeStruct(schema: StructSchema, value: JsonObject, at: Position, level: number): JsonObject {
  if (level > mostLevels) throw new DecodeError('exceeded max depth')
  const out: JsonObject = {}
  const structName = goTypeName(schema.name)
  for (const [key, child] of Object.entries(value)) {
    // Not there, as far as JSON goes; callers in process have such keys.
    if (child === undefined) continue
    const path = at.path === '' ? key : `${at.path}.${key}`
    const field = schema.fields.get(key)
    if (field === undefined) {
      at.strictErrors.push(`unknown field "${path}"`)
      continue
    }
    if (child === null) continue
    const goPath = at.goPath === '' ? key : `${at.goPath}.${key}`
    const decoded = decodeValue(field, child, { ...at, path, goPath, structName }, level + 1)
    if (!isEmptyCollection(field, decoded)) out[key] = decoded
  }
  for (const key of timesWithoutPointer[schema.name] ?? []) out[key] ??= null
  return out
}

/** Times that Go cannot leave out: they are null while they are not set. */
const timesWithoutPointer: Record<string, readonly string[]> = {
  V1PodCondition: ['lastProbeTime', 'lastTransitionTime'],
  V1JobCondition: ['lastProbeTime', 'lastTransitionTime'],
  V1ContainerStateRunning: ['startedAt'],
  V1ContainerStateTerminated: ['startedAt', 'finishedAt'],
  V1NodeCondition: ['lastHeartbeatTime', 'lastTransitionTime'],
}

/** Go leaves empty slices and maps out; empty structs (`emptyDir: {}`) stay. */
function isEmptyCollection(schema: Schema, value: Json): boolean {
  if (schema.kind === 'list') return Array.isArray(value) && value.length === 0
  return schema.kind === 'map' && isJsonObject(value) && Object.keys(value).length === 0
}

function decodeValue(schema: Schema, value: Json, at: Position, level: number): Json {
  switch (schema.kind) {
    case 'any':
      return value
    case 'scalar':
      return decodeScalar(schema, value, at)
    case 'struct':
      if (!isJsonObject(value)) throw typeError(value, `${at.structName}.${at.goPath}`, `v1.${goTypeName(schema.name)}`)
      return decodeStruct(schema, value, at, level)
    case 'map': {
      if (!isJsonObject(value))
        throw typeError(value, `${at.structName}.${at.goPath}`, `map[string]${goName(schema.element)}`)
      const out: JsonObject = {}
      for (const [key, child] of Object.entries(value)) {
        out[key] =
          child === null || child === undefined
            ? emptyScalar(schema.element)
            : decodeValue(schema.element, child, { ...at, path: `${at.path}.${key}` }, level + 1)
      }
      return out
    }
    case 'list': {
      if (!Array.isArray(value)) throw typeError(value, `${at.structName}.${at.goPath}`, `[]${goName(schema.element)}`)
      return value
        .filter((child) => child !== null && child !== undefined)
        .map((child, index) => decodeValue(schema.element, child, { ...at, path: `${at.path}[${index}]` }, level + 1))
    }
  }
}

/** What Go makes of null inside a map. */
function emptyScalar(schema: Schema): Json {
  return schema.kind === 'scalar' && schema.scalar !== 'quantity' ? '' : '0'
}

function goName(schema: Schema): string {
  if (schema.kind === 'struct') return `v1.${goTypeName(schema.name)}`
  if (schema.kind !== 'scalar') return 'interface {}'
  return (
    { boolean: 'bool', number: 'float64', bytes: '[]uint8', quantity: 'resource.Quantity' }[schema.scalar as string] ??
    schema.scalar
  )
}

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
const rfc3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/

function decodeScalar(schema: ScalarSchema, value: Json, at: Position): Json {
  const where = `${at.structName}.${at.goPath}`
  switch (schema.scalar) {
    case 'boolean':
      if (typeof value !== 'boolean') throw typeError(value, where, 'bool')
      return value
    case 'number':
      if (typeof value !== 'number') throw typeError(value, where, 'float64')
      return value
    case 'int32':
    case 'int64':
      return decodeInteger(value, schema.scalar, where)
    case 'intOrString':
      if (typeof value === 'string') return value
      return decodeInteger(value, 'int32', where)
    case 'quantity':
      return decodeQuantity(value)
    case 'bytes':
      return decodeBytes(value, where)
    case 'time':
    case 'microtime':
      return decodeTime(value, schema.scalar, where)
    case 'string':
      if (typeof value !== 'string') throw typeError(value, where, 'string')
      return value
  }
}

function decodeInteger(value: Json, type: 'int32' | 'int64', where: string): number {
  if (typeof value !== 'number') throw typeError(value, where, type)
  const most = type === 'int32' ? 2 ** 31 - 1 : Number.MAX_SAFE_INTEGER
  if (!Number.isInteger(value) || value > most || value < -most - 1) {
    throw new DecodeError(`json: cannot unmarshal number ${value} into Go struct field ${where} of type ${type}`)
  }
  return value
}

function decodeQuantity(value: Json): string {
  const quantity = typeof value === 'string' || typeof value === 'number' ? parseQuantity(value) : null
  if (quantity === null) throw new DecodeError(quantitySyntaxMessage)
  return formatQuantity(quantity)
}

function decodeBytes(value: Json, where: string): string {
  if (typeof value !== 'string') throw typeError(value, where, '[]uint8')
  const text = value.replaceAll(/[\r\n]/g, '')
  if (base64.test(text)) return text
  const bad = text.search(/[^A-Za-z0-9+/]/)
  throw new DecodeError(`illegal base64 data at input byte ${bad < 0 ? text.length - (text.length % 4) : bad}`)
}

function decodeTime(value: Json, scalar: 'time' | 'microtime', where: string): string {
  if (typeof value !== 'string') throw typeError(value, where, 'time.Time')
  const time = new Date(value)
  if (!rfc3339.test(value) || Number.isNaN(time.getTime())) {
    throw new DecodeError(`parsing time "${value}" as "2006-01-02T15:04:05Z07:00": cannot parse "${value}" as "2006"`)
  }
  if (scalar === 'time') return timestamp(time.getTime())
  const fraction = (/\.(\d{1,6})/.exec(value)?.[1] ?? '').padEnd(6, '0')
  return `${time.toISOString().slice(0, 19)}.${fraction}Z`
}
