import { isJsonObject } from '../../schema/decode.ts'
import type { StructSchema } from '../../schema/schema.ts'
import { sorted } from '../../sorted.ts'
import type { Json, JsonObject } from '../objects.ts'
import { checkTyped } from './check.ts'
import { compare } from './compare.ts'
import type { FieldSet } from './field-set.ts'
import { toFieldSet } from './to-field-set.ts'
import { TypedValueError } from './typed.ts'

/** Where `kubectl apply` without `--server-side` keeps what it was given. */
const annotation = 'kubectl.kubernetes.io/last-applied-configuration'

function lastApplied(object: JsonObject): string {
  const metadata = isJsonObject(object.metadata) ? object.metadata : {}
  const text = isJsonObject(metadata.annotations) ? metadata.annotations[annotation] : undefined
  return typeof text === 'string' ? text : ''
}

/**
 * The fields that kubectl has applied on its own side and that are still as it left them: those it may take from whoever owns
 * them. Null where there are none, or where what it left is not readable. Reference: managedfields.lastAppliedManager.
 */
export function allowedByLastApplied(schema: StructSchema, live: JsonObject, apiVersion: string): FieldSet | null {
  const config = parsed(lastApplied(live))
  if (!isJsonObject(config) || config.apiVersion !== apiVersion) return null
  try {
    checkTyped(schema, config)
  } catch (error) {
    if (error instanceof TypedValueError) return null
    throw error
  }
  const { added, modified, removed } = compare(schema, config, live)
  return toFieldSet(schema, config).difference(modified).difference(added).difference(removed)
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

/** The object as kubectl applied it, kept in step in the annotation where there is one. Reference: managedfields.lastAppliedUpdater. */
export function withLastApplied(object: JsonObject, config: JsonObject): JsonObject {
  if (lastApplied(object) === '') return object
  const { [annotation]: _, ...annotations } = annotationsOf(config)
  const metadata = isJsonObject(config.metadata) ? { ...config.metadata } : {}
  if (isJsonObject(metadata.annotations)) metadata.annotations = annotations
  const text = `${JSON.stringify(sorted({ ...config, metadata }))}\n`
  const kept = isJsonObject(object.metadata) ? object.metadata : {}
  return { ...object, metadata: { ...kept, annotations: { ...annotationsOf(object), [annotation]: text } } }
}

function annotationsOf(object: JsonObject): JsonObject {
  const metadata = isJsonObject(object.metadata) ? object.metadata : {}
  return isJsonObject(metadata.annotations) ? metadata.annotations : {}
}
