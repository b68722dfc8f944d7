import type { Json, JsonObject } from '../objects.ts'

/**
 * The protobuf form of the kinds that newer kubectl creates with typed clients. Reference: "API concepts", Kubernetes protobuf
 * encoding, and the numbers of k8s.io/api core/v1 generated.proto. Answers stay JSON, which those clients take as well.
 */
type Field = [name: string, type: 'string' | 'bytes' | 'bool' | 'int' | Message, shape?: 'list' | 'map']
interface Message {
  [number: number]: Field
}

const objectMeta: Message = {
  1: ['name', 'string'],
  2: ['generateName', 'string'],
  3: ['namespace', 'string'],
  5: ['uid', 'string'],
  6: ['resourceVersion', 'string'],
  11: ['labels', 'string', 'map'],
  12: ['annotations', 'string', 'map'],
  14: ['finalizers', 'string', 'list'],
}
const localReference: Message = { 1: ['name', 'string'] }
const objectReference: Message = { 3: ['name', 'string'] }

const kinds: Record<string, Message> = {
  'v1/Namespace': { 1: ['metadata', objectMeta], 2: ['spec', { 1: ['finalizers', 'string', 'list'] }] },
  'v1/ConfigMap': {
    1: ['metadata', objectMeta],
    2: ['data', 'string', 'map'],
    3: ['binaryData', 'bytes', 'map'],
    4: ['immutable', 'bool'],
  },
  'v1/Secret': {
    1: ['metadata', objectMeta],
    2: ['data', 'bytes', 'map'],
    3: ['type', 'string'],
    4: ['stringData', 'string', 'map'],
    5: ['immutable', 'bool'],
  },
  'v1/ServiceAccount': {
    1: ['metadata', objectMeta],
    2: ['secrets', objectReference, 'list'],
    3: ['imagePullSecrets', localReference, 'list'],
    4: ['automountServiceAccountToken', 'bool'],
  },
}

const unknown: Message = {
  1: ['typeMeta', { 1: ['apiVersion', 'string'], 2: ['kind', 'string'] }],
  2: ['raw', 'bytes'],
}
const magic = Buffer.from([0x6b, 0x38, 0x73, 0x00])

/** The object in JSON; null for a kind whose numbers are not known here, or where the bytes are not what they claim to be. */
export function decodeProtobuf(body: Buffer): Json {
  if (!body.subarray(0, magic.length).equals(magic)) return null
  const envelope = decodeMessage(unknown, body.subarray(magic.length))
  const type = envelope?.typeMeta
  if (envelope === null || typeof type !== 'object' || type === null || Array.isArray(type)) return null
  const { apiVersion, kind } = type
  const message = kinds[`${String(apiVersion)}/${String(kind)}`]
  if (message === undefined || typeof envelope.raw !== 'string') return null
  const object = decodeMessage(message, Buffer.from(envelope.raw, 'base64'))
  return object === null ? null : { apiVersion, kind, ...object }
}

/** One message; null where it ends too early. Numbers that are not known are passed over: they hold server fields only. */
function decodeMessage(message: Message, bytes: Buffer): JsonObject | null {
  const out: JsonObject = {}
  const reader = new Reader(bytes)
  while (!reader.done) {
    const tag = reader.varint()
    const value = reader.value(tag % 8)
    if (value === null) return null
    const field = message[Math.floor(tag / 8)]
    if (field !== undefined) assign(out, field, value)
  }
  return out
}

function assign(out: JsonObject, [name, type, shape]: Field, value: Buffer | number): void {
  if (shape === 'map') {
    const entry = decodeMessage({ 1: ['key', 'string'], 2: ['value', type] }, asBytes(value))
    const known = Object.entries(out[name] ?? {})
    out[name] = Object.fromEntries([...known, [String(entry?.key ?? ''), entry?.value ?? '']])
  } else if (shape === 'list') {
    const known = out[name]
    out[name] = [...(Array.isArray(known) ? known : []), single(type, value)]
  } else out[name] = single(type, value)
}

function single(type: Field[1], value: Buffer | number): Json {
  if (type === 'string') return asBytes(value).toString('utf8')
  if (type === 'bytes') return asBytes(value).toString('base64')
  if (type === 'bool') return value !== 0
  return type === 'int' ? Number(value) : decodeMessage(type, asBytes(value))
}

function asBytes(value: Buffer | number): Buffer {
  return typeof value === 'number' ? Buffer.alloc(0) : value
}

class Reader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length
  }

  varint(): number {
    let value = 0
    for (let shift = 1; !this.done; shift *= 128) {
      const byte = this.#bytes[this.#at++] ?? 0
      value += (byte & 0x7f) * shift
      if (byte < 0x80) break
    }
    return value
  }

  /** The value after a tag of this wire type; null where the bytes end before it does. */
  value(wireType: number): Buffer | number | null {
    if (wireType === 0) return this.varint()
    const length = wireType === 2 ? this.varint() : { 1: 8, 5: 4 }[wireType]
    if (length === undefined || this.#at + length > this.#bytes.length) return null
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }
}
