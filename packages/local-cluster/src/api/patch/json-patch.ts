import fastJsonPatch from 'fast-json-patch'
import { z } from 'zod'
import { ApiError, badRequest } from '../errors.ts'
import type { Json, JsonObject } from '../objects.ts'

const operationsSchema = z
  .array(
    z.discriminatedUnion('op', [
      z.object({ op: z.literal('add'), path: z.string(), value: z.json() }),
      z.object({ op: z.literal('replace'), path: z.string(), value: z.json() }),
      z.object({ op: z.literal('test'), path: z.string(), value: z.json() }),
      z.object({ op: z.literal('remove'), path: z.string() }),
      z.object({ op: z.literal('move'), path: z.string(), from: z.string() }),
      z.object({ op: z.literal('copy'), path: z.string(), from: z.string() }),
    ]),
  )
  .max(10_000)

/** RFC 6902. An operation that does not fit the object is a 422, as from the real server. */
export function applyJsonPatch(object: JsonObject, patch: Json): Json {
  const operations = operationsSchema.safeParse(patch)
  if (!operations.success) {
    const issue = operations.error.issues[0]
    throw badRequest(`error decoding patch: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not a JSON patch'}`)
  }
  try {
    const result = fastJsonPatch.applyPatch(structuredClone(object), operations.data, true, true, true)
    return result.newDocument
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const [line = ''] = error.message.split('\n')
    throw new ApiError(422, 'Invalid', `the server rejected our request due to an error in our request: ${line}`, {})
  }
}
