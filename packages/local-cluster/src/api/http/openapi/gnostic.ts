import { isJsonObject } from '../../../schema/decode.ts'
import type { Definition } from './definitions.ts'

export interface OpenApiV2 {
  swagger: string
  info: { title: string; version: string }
  paths: Record<string, unknown>
  definitions: Record<string, Definition>
}

/**
 * Writes an OpenAPI 2 document in gnostic's protobuf, as far as ours goes. The numbers are those of gnostic's OpenAPIv2.proto:
 * Document, Info, NamedPathItem, Operation, NamedSchema, Schema and below.
 */
export function encodeDocument({ swagger, info, paths, definitions }: OpenApiV2): Buffer {
  return Buffer.concat([
    bytes(1, swagger),
    bytes(2, Buffer.concat([bytes(1, info.title), bytes(2, info.version)])),
    bytes(8, Buffer.concat(Object.entries(paths).map(([path, item]) => bytes(2, named(path, pathItem(item)))))),
    bytes(
      9,
      Buffer.concat(Object.entries(definitions).map(([name, schema]) => bytes(1, named(name, schemaOf(schema))))),
    ),
  ])
}

const operationNumbers: Record<string, number> = { get: 2, put: 3, post: 4, delete: 5, options: 6, head: 7, patch: 8 }

function pathItem(item: unknown): Buffer {
  const operations = entries(item).map(([verb, operation]) =>
    bytes(operationNumbers[verb] ?? 0, operationOf(operation)),
  )
  return Buffer.concat(operations)
}

function operationOf(operation: unknown): Buffer {
  const parameters = list(Reflect.get(Object(operation), 'parameters')).map((parameter) => {
    const query = Buffer.concat([bytes(2, 'query'), bytes(4, String(Reflect.get(Object(parameter), 'name')))])
    return bytes(8, bytes(1, bytes(2, bytes(3, query))))
  })
  return Buffer.concat([...parameters, ...extensions(13, operation)])
}

function schemaOf(schema: unknown): Buffer {
  const out: Buffer[] = []
  for (const [key, value] of entries(schema)) {
    if (key === '$ref') out.push(bytes(1, String(value)))
    else if (key === 'format') out.push(bytes(2, String(value)))
    else if (key === 'description') out.push(bytes(4, String(value)))
    else if (key === 'required') out.push(...list(value).map((name) => bytes(19, String(name))))
    else if (key === 'additionalProperties') out.push(bytes(21, bytes(1, schemaOf(value))))
    else if (key === 'type') out.push(bytes(22, bytes(1, String(value))))
    else if (key === 'items') out.push(bytes(23, bytes(1, schemaOf(value))))
    else if (key === 'properties') {
      out.push(bytes(25, Buffer.concat(entries(value).map(([name, of]) => bytes(1, named(name, schemaOf(of)))))))
    }
  }
  return Buffer.concat([...out, ...extensions(31, schema)])
}

/** `x-` fields: their values are YAML, which JSON is. */
function extensions(field: number, of: unknown): Buffer[] {
  return entries(of)
    .filter(([key]) => key.startsWith('x-'))
    .map(([key, value]) => bytes(field, named(key, bytes(2, JSON.stringify(value)))))
}

function named(name: string, value: Buffer): Buffer {
  return Buffer.concat([bytes(1, name), bytes(2, value)])
}

function entries(value: unknown): [string, unknown][] {
  return isJsonObject(value) ? Object.entries(value) : []
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

/** A length-delimited field. */
function bytes(field: number, value: string | Buffer): Buffer {
  const content = typeof value === 'string' ? Buffer.from(value) : value
  return Buffer.concat([varint(field * 8 + 2), varint(content.length), content])
}

function varint(value: number): Buffer {
  const out: number[] = []
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...out, rest])
    out.push((rest % 128) + 128)
  }
}
