import numbersFile from '../../schema/field-numbers.json' with { type: 'json' }
import { type ScalarType, type Schema, type StructSchema, schemaOf, schemaOfType } from '../../schema/schema.ts'
import type { Json, JsonObject } from '../objects.ts'
import { ProtobufReader } from './protobuf-reader.ts'

/**
 * The protobuf form of objects, which typed clients in Go send, newer kubectl among them. Answers stay JSON, which those clients
 * take as well. Reference: https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding
 *
 * schema/field-numbers.json has the numbers of the fields by type, as the wire format of Kubernetes 1.36 has them. `2.4`: field 4 of
 * field 2, whose fields JSON shows as the outer message's own. `?`: a scalar that says something when it is zero; others are always
 * sent, and zero means nothing.
 */
const numbers: Record<string, Record<string, number | string>> = numbersFile

const magic = Buffer.from([0x6b, 0x38, 0x73, 0x00])

/** The object in JSON; null for a kind that is not served, or where the bytes are not what they claim to be. */
export function decodeProtobuf(body: Buffer): Json {
  if (!body.subarray(0, magic.length).equals(magic)) return null
  const envelope = fieldsOf(body.subarray(magic.length))
  const typeMeta = fieldsOf(bytesOf(envelope?.get(1)?.[0]))
  const raw = envelope?.get(2)?.[0]
  if (!envelope || !typeMeta) return null
  const apiVersion = textOf(typeMeta.get(1)?.[0])
  const kind = textOf(typeMeta.get(2)?.[0])
  const schema = kind === 'DeleteOptions' ? schemaOfType('V1DeleteOptions') : schemaOf({ apiVersion, kind })
  if (schema === undefined) return null
  const object = decodeStruct(schema, bytesOf(raw))
  return object === null ? null : { apiVersion, kind, ...object }
}

type Value = Buffer | bigint

/** Values by number, in the order of the bytes; null where those end too early. */
function fieldsOf(bytes: Buffer): Map<number, Value[]> | null {
  const out = new Map<number, Value[]>()
  const reader = new ProtobufReader(bytes)
  while (!reader.done) {
    const tag = Number(reader.varint())
    const value = reader.value(tag % 8)
    if (value === null) return null
    const number = Math.floor(tag / 8)
    out.set(number, [...(out.get(number) ?? []), value])
  }
  return out
}

/** Fields that are not known are passed over, as an older server does. */
function decodeStruct(schema: StructSchema, bytes: Buffer): JsonObject | null {
  const fields = fieldsOf(bytes)
  if (fields === null) return null
  const out: JsonObject = {}
  for (const [name, number] of Object.entries(numbers[schema.name] ?? {})) {
    const path = String(number)
    const field = schema.fields.get(name)
    const values = valuesAt(fields, path.replace('?', '').split('.').map(Number))
    if (field === undefined || values.length === 0) continue
    const value = decode(field, values)
    if (value === undefined) return null
    if (value !== null && (path.endsWith('?') || !isZero(value))) out[name] = value
  }
  return out
}

function valuesAt(fields: Map<number, Value[]> | null, [number = 0, ...rest]: number[]): Value[] {
  const values = fields?.get(number) ?? []
  return rest.length === 0 ? values : values.flatMap((value) => valuesAt(fieldsOf(bytesOf(value)), rest))
}

const isZero = (value: Json) => value === '' || value === 0 || value === false

/** Null: nothing. Undefined: the bytes are not of this type. */
function decode(schema: Schema, values: Value[]): Json | undefined {
  const last = values.at(-1)
  switch (schema.kind) {
    case 'struct':
      return decodeStruct(schema, bytesOf(last)) ?? undefined
    case 'list':
      return all(values.map((value) => decode(schema.element, [value])))
    case 'map': {
      const entries = values.map((value) => decodeEntry(schema.element, bytesOf(value)))
      const known = entries.filter((entry) => entry !== undefined)
      return known.length === entries.length ? Object.fromEntries(known) : undefined
    }
    case 'any':
      return parsed(textOf(fieldsOf(bytesOf(last))?.get(1)?.[0]))
    case 'scalar':
      return scalar(schema.scalar, last)
  }
}

const all = (values: (Json | undefined)[]): Json[] | undefined => {
  const known = values.filter((value) => value !== undefined)
  return known.length === values.length ? known : undefined
}

function decodeEntry(element: Schema, bytes: Buffer): [string, Json] | undefined {
  const fields = fieldsOf(bytes)
  const value = fields?.get(2)
  const decoded = value === undefined ? '' : decode(element, value)
  return fields === null || decoded === undefined ? undefined : [textOf(fields.get(1)?.[0]), decoded]
}

function scalar(type: ScalarType, value: Value | undefined): Json | undefined {
  if (type === 'string') return textOf(value)
  if (type === 'bytes') return bytesOf(value).toString('base64')
  if (type === 'boolean') return value !== 0n
  if (type === 'int32' || type === 'int64' || type === 'number') {
    return typeof value === 'bigint' ? Number(BigInt.asIntN(64, value)) : undefined
  }
  const fields = fieldsOf(bytesOf(value))
  if (fields === null) return undefined
  const first = fields.get(1)?.[0]
  if (type === 'quantity') return textOf(first)
  if (type === 'intOrString') {
    return first === 1n ? textOf(fields.get(3)?.[0]) : Number(BigInt.asIntN(32, integerOf(fields.get(2)?.[0])))
  }
  return timeOf(integerOf(first), integerOf(fields.get(2)?.[0]), type === 'microtime')
}

/** RFC 3339 in UTC; a time without seconds is none. */
function timeOf(seconds: bigint, nanos: bigint, micro: boolean): Json | undefined {
  if (seconds === 0n && nanos === 0n) return null
  const date = new Date(Number(BigInt.asIntN(64, seconds)) * 1000)
  if (Number.isNaN(date.getTime())) return undefined
  const whole = date.toISOString().slice(0, 19)
  return micro ? `${whole}.${String(nanos / 1000n).padStart(6, '0')}Z` : `${whole}Z`
}

function parsed(text: string): Json | undefined {
  if (text === '') return null
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const bytesOf = (value: Value | undefined) => (Buffer.isBuffer(value) ? value : Buffer.alloc(0))
const textOf = (value: Value | undefined) => bytesOf(value).toString('utf8')
const integerOf = (value: Value | undefined) => (typeof value === 'bigint' ? value : 0n)
