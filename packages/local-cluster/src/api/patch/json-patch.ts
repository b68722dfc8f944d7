import fastJsonPatch from 'fast-json-patch'
import { z } from 'zod'
import { isJsonObject } from '../../schema/decode.ts'
import { badRequest } from '../errors.ts'
import type { Json, JsonObject } from '../objects.ts'
import { unfit } from './unfit.ts'

const operationSchema = z.discriminatedUnion('op', [
  z.object({ op: z.literal('add'), path: z.string(), value: z.json() }),
  z.object({ op: z.literal('replace'), path: z.string(), value: z.json() }),
  z.object({ op: z.literal('test'), path: z.string(), value: z.json() }),
  z.object({ op: z.literal('remove'), path: z.string() }),
  z.object({ op: z.literal('move'), path: z.string(), from: z.string() }),
  z.object({ op: z.literal('copy'), path: z.string(), from: z.string() }),
])
type Operation = z.infer<typeof operationSchema>

const mostOperations = 10_000

/** RFC 6902, as the real server takes it. @throws ApiError 400 for what is no list, 422 for what does not fit the object. */
export function applyJsonPatch(object: JsonObject, patch: Json): Json {
  if (!Array.isArray(patch)) {
    const kind = patch === null ? 'null' : typeof patch
    const go = kind === 'boolean' ? 'bool' : kind
    throw badRequest(`error decoding patch: json: cannot unmarshal ${go} into Go value of type []handlers.jsonPatchOp`)
  }
  if (patch.length > mostOperations) throw badRequest(`error decoding patch: more than ${mostOperations} operations`)
  const operations = z.array(operationSchema).safeParse(patch)
  if (!operations.success) throw unfit()
  let document: Json = structuredClone(object)
  try {
    for (const operation of operations.data) {
      const fitting: Operation = fit(document, operation)
      document = fastJsonPatch.applyOperation(document, fitting, true, true, true).newDocument
    }
    return document
  } catch (error) {
    if (error instanceof Error) throw unfit()
    throw error
  }
}

/** A `replace` of a key that an object does not have sets it: more than the RFC allows, as the real server does. */
function fit(document: Json, operation: Operation): Operation {
  if (operation.op !== 'replace') return operation
  const keys = operation.path
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
  const last = keys.pop()
  const parent = keys.reduce<Json>((value, key) => {
    if (Array.isArray(value)) return value[Number(key)]
    return isJsonObject(value) ? value[key] : undefined
  }, document)
  const missing = last !== undefined && isJsonObject(parent) && !Object.hasOwn(parent, last)
  return missing ? { ...operation, op: 'add' } : operation
}
