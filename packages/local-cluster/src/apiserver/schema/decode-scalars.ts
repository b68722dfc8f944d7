import type { Json } from '../../types/objects.ts'
import { formatQuantity, parseQuantity, quantitySyntaxMessage } from '../../types/quantity.ts'
import { timestamp } from '../../types/times.ts'
import { DecodeError, mismatch, type Position } from './decode-errors.ts'
import type { ScalarSchema } from './schema.ts'

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
const rfc3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/

/** A value that is no list, map or struct, as Go writes it. @throws DecodeError for one of another type. */
export function decodeScalar(schema: ScalarSchema, value: Json, at: Position): Json {
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
