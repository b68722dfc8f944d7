import { isDeepStrictEqual } from 'node:util'
import { ApiError, badRequest } from '../../types/errors.ts'
import { isJsonObject } from '../../types/json.ts'
import type { Json, JsonObject } from '../../types/objects.ts'
import { cannotUnmarshal } from '../schema/go-values.ts'
import { addAt, placeOf, removeAt, setAt, valueAt } from './json-document.ts'
import { unfit } from './unfit.ts'

interface Operation {
  op: string
  path: string | undefined
  from: string | undefined
  value: Json
}

const mostOperations = 10_000
/** What all copies together may add, as in the real server: each could double the document. */
const mostCopiedBytes = 3 * 1024 * 1024

export interface JsonPatched {
  document: Json
  /** Members of operations that mean nothing: refused, warned of or dropped as unknown fields are. */
  strictErrors: string[]
}

/**
 * RFC 6902, as the real server takes it: more than the RFC allows where it is about keys that a map does not have.
 * @throws ApiError 400 for what is no patch, 413 for one that is too long, 422 for what does not fit the object.
 */
export function applyJsonPatch(object: JsonObject, patch: Json): JsonPatched {
  if (patch === null) return { document: object, strictErrors: [] }
  if (!Array.isArray(patch)) throw notDecoded(patch, 'Go value', '[]handlers.jsonPatchOp')
  const strictErrors: string[] = []
  const operations = patch.map((item, index) => readOperation(item, index, strictErrors))
  if (patch.length > mostOperations) {
    const message = `The allowed maximum operations in a JSON patch is ${mostOperations}, got ${patch.length}`
    throw new ApiError(413, 'RequestEntityTooLarge', `Request entity too large: ${message}`)
  }
  let document: Json = structuredClone(object)
  const copies = { bytes: 0 }
  for (const operation of operations) document = apply(document, operation, copies)
  return { document, strictErrors: strictErrors.map((text) => `json patch ${text}`) }
}

function notDecoded(value: Json, into: string, type: string): ApiError {
  return badRequest(`error decoding patch: ${cannotUnmarshal(value, into, type)}`)
}

function readOperation(item: Json, index: number, strictErrors: string[]): Operation {
  const members = item ?? {}
  if (!isJsonObject(members)) throw notDecoded(members, 'Go value', 'handlers.jsonPatchOp')
  const text = (name: string): string | undefined => {
    const value = members[name]
    if (value === undefined || value === null) return undefined
    if (typeof value === 'string') return value
    throw notDecoded(value, `Go struct field jsonPatchOp.${name}`, 'string')
  }
  for (const name of Object.keys(members)) {
    if (!['op', 'path', 'from', 'value'].includes(name)) strictErrors.push(`unknown field "[${index}].${name}"`)
  }
  return { op: text('op') ?? '', path: text('path'), from: text('from'), value: members.value ?? null }
}

function apply(document: Json, { op, path, from, value }: Operation, copies: { bytes: number }): Json {
  const pointer = (text: string | undefined): string => {
    if (text === undefined) throw unfit()
    return text
  }
  switch (op) {
    case 'add':
      addAt(placeOf(document, pointer(path)), structuredClone(value))
      return document
    case 'remove':
      removeAt(placeOf(document, pointer(path)))
      return document
    case 'replace':
      return replace(document, pointer(path), value)
    case 'move': {
      const source = placeOf(document, pointer(from))
      const moved = valueAt(source)
      removeAt(source)
      addAt(placeOf(document, pointer(path)), moved ?? null)
      return document
    }
    case 'copy': {
      const copied = valueAt(placeOf(document, pointer(from))) ?? null
      copies.bytes += JSON.stringify(copied).length
      if (copies.bytes > mostCopiedBytes) throw unfit()
      addAt(placeOf(document, pointer(path)), structuredClone(copied))
      return document
    }
    case 'test': {
      const found = path === '' ? document : valueAt(placeOf(document, pointer(path)))
      if (!isDeepStrictEqual(found ?? null, value)) throw unfit()
      return document
    }
    default:
      throw unfit()
  }
}

function replace(document: Json, path: string, value: Json): Json {
  if (path !== '') {
    const place = placeOf(document, path)
    // A key that a map does not have is set all the same.
    valueAt(place)
    setAt(place, structuredClone(value))
    return document
  }
  if (!Array.isArray(value) && !isJsonObject(value)) throw unfit()
  return structuredClone(value)
}
