import type { Json, JsonObject } from '../api/objects.ts'
import { timestamp } from '../times.ts'
import { conversionFault } from './conversion-fault.ts'
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
  source: Source
}

/**
 * Where a value comes from: a request's JSON, or what was merged out of several. Go converts the second otherwise: what does
 * not fit is said in other words, and numbers that are too large lose their front.
 */
export type Source = 'json' | 'unstructured'

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Deepest nesting that is read; the deepest real objects have about 20 levels. */
const mostLevels = 100

/**
 * Reads a kind's JSON as the typed API server does: unknown fields and nulls go away, quantities become canonical,
 * empty lists and maps are left out, and a value of the wrong type is a DecodeError.
 */
export function decode(schema: StructSchema, value: Json, source: Source = 'json'): Decoded {
  const strictErrors: string[] = []
  if (!isJsonObject(value)) throw typeError(value, '', schema.name)
  const decoded = decodeStruct(schema, value, { goPath: '', path: '', structName: '', strictErrors, source }, 0)
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
    if ((decoded === '' || decoded === 0 || decoded === false) && schema.leftOut.has(key)) continue
    // An empty list of managers is told from none: it forgets those that are known.
    if (!isEmptyCollection(field, decoded) || key === 'managedFields') out[key] = decoded
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
      if (!isJsonObject(value)) throw mismatch(schema, value, at, `v1.${goTypeName(schema.name)}`)
      return decodeStruct(schema, value, at, level)
    case 'map': {
      if (!isJsonObject(value)) throw mismatch(schema, value, at, `map[string]${goName(schema.element)}`)
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
      if (!Array.isArray(value)) throw mismatch(schema, value, at, `[]${goName(schema.element)}`)
      return value
        .filter((child) => child !== null && child !== undefined)
        .map((child, index) => decodeValue(schema.element, child, { ...at, path: `${at.path}[${index}]` }, level + 1))
    }
  }
}

function mismatch(schema: Schema, value: Json, at: Position, goType: string): DecodeError {
  if (at.source === 'unstructured') return new DecodeError(conversionFault(schema, value))
  return typeError(value, `${at.structName}.${at.goPath}`, goType)
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
  switch (schema.scalar) {
    case 'boolean':
      if (typeof value !== 'boolean') throw mismatch(schema, value, at, 'bool')
      return value
    case 'number':
      if (typeof value !== 'number') throw mismatch(schema, value, at, 'float64')
      return value
    case 'int32':
    case 'int64':
      return decodeInteger(schema, value, schema.scalar, at)
    case 'intOrString':
      return typeof value === 'string' ? value : decodeInteger(schema, value, 'int32', at)
    case 'quantity':
      return decodeQuantity(value)
    case 'bytes':
      return decodeBytes(schema, value, at)
    case 'time':
    case 'microtime':
      return decodeTime(schema, value, at)
    case 'string':
      if (typeof value !== 'string') throw mismatch(schema, value, at, 'string')
      return value
  }
}

function decodeInteger(schema: ScalarSchema, value: Json, type: 'int32' | 'int64', at: Position): number {
  if (typeof value !== 'number') throw mismatch(schema, value, at, type)
  const most = type === 'int32' ? 2 ** 31 - 1 : Number.MAX_SAFE_INTEGER
  if (Number.isInteger(value) && value <= most && value >= -most - 1) return value
  if (at.source === 'unstructured') {
    if (Number.isInteger(value) && schema.scalar === 'int32') return Number(BigInt.asIntN(32, BigInt(value)))
    throw mismatch(schema, value, at, type)
  }
  const where = `${at.structName}.${at.goPath}`
  throw new DecodeError(`json: cannot unmarshal number ${value} into Go struct field ${where} of type ${type}`)
}

function decodeQuantity(value: Json): string {
  const quantity = typeof value === 'string' || typeof value === 'number' ? parseQuantity(value) : null
  if (quantity === null) throw new DecodeError(quantitySyntaxMessage)
  return formatQuantity(quantity)
}

function decodeBytes(schema: ScalarSchema, value: Json, at: Position): string {
  if (typeof value !== 'string') throw mismatch(schema, value, at, '[]uint8')
  const text = value.replaceAll(/[\r\n]/g, '')
  if (base64.test(text)) return text
  const bad = text.search(/[^A-Za-z0-9+/]/)
  const prefix = at.source === 'unstructured' ? 'error decoding from json: ' : ''
  throw new DecodeError(`${prefix}illegal base64 data at input byte ${bad < 0 ? text.length - (text.length % 4) : bad}`)
}

function decodeTime(schema: ScalarSchema, value: Json, at: Position): string {
  if (typeof value !== 'string') throw mismatch(schema, value, at, 'time.Time')
  const time = new Date(value)
  if (!rfc3339.test(value) || Number.isNaN(time.getTime())) {
    throw new DecodeError(`parsing time "${value}" as "2006-01-02T15:04:05Z07:00": cannot parse "${value}" as "2006"`)
  }
  if (schema.scalar === 'time') return timestamp(time.getTime())
  const [, rest = '', fraction = ''] = /^.{19}((?:\.(\d+))?.*)$/.exec(value) ?? []
  if (fraction.length !== 6) {
    const layout = '2006-01-02T15:04:05.000000Z07:00'
    throw new DecodeError(`parsing time "${value}" as "${layout}": cannot parse "${rest}" as ".000000"`)
  }
  return `${time.toISOString().slice(0, 19)}.${fraction}Z`
}
