import type { Json } from '../../types/objects.ts'
import { conversionFault } from './conversion-fault.ts'
import { cannotUnmarshal } from './go-values.ts'
import type { Schema } from './schema.ts'

/** JSON that does not fit the kind's types, in the words of Go's decoder. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError'
}

/**
 * Where a value comes from: a request's JSON, or what was merged out of several. Go converts the second otherwise: what does
 * not fit is said in other words, and numbers that are too large lose their front.
 */
export type Source = 'json' | 'unstructured'

/** Where a value stands that is decoded, and what was found on the way. */
export interface Position {
  /** Go's field stack: without list indexes. */
  goPath: string
  /** Field path with list indexes, for unknown fields. */
  path: string
  structName: string
  strictErrors: string[]
  source: Source
}

export function typeError(value: Json, where: string, goType: string): DecodeError {
  return new DecodeError(cannotUnmarshal(value, where === '' ? 'Go value' : `Go struct field ${where}`, goType))
}

export function mismatch(schema: Schema, value: Json, at: Position, goType: string): DecodeError {
  if (at.source === 'unstructured') return new DecodeError(conversionFault(schema, value))
  return typeError(value, `${at.structName}.${at.goPath}`, goType)
}
