import type { Json } from '../../types/objects.ts'
import { quantitySyntaxMessage } from '../../types/quantity.ts'
import { goJsonName } from './go-values.ts'
import type { ScalarType, Schema } from './schema.ts'

/** What Go calls the kind of a value that came as JSON. */
function kindOf(value: Json): string {
  if (Array.isArray(value)) return 'slice'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64'
  return typeof value === 'string' ? 'string' : 'map'
}

/** What its JSON decoder calls it; a number that is no integer is shown. */
function jsonName(value: Json): string {
  if (typeof value === 'number') return Number.isInteger(value) ? 'number' : `number ${value}`
  return goJsonName(value)
}

const goNames: Partial<Record<ScalarType, string>> = { boolean: 'bool', number: 'float64' }

/** Why a value is not turned into a field of this kind, in the words of Go's converter. Reference: runtime.fromUnstructured. */
export function conversionFault(schema: Schema, value: Json): string {
  const kind = kindOf(value)
  if (schema.kind === 'list') return `cannot restore slice from ${kind}`
  if (schema.kind === 'map') return `cannot restore map from ${kind}`
  if (schema.kind === 'struct') return `cannot restore struct from: ${kind}`
  const scalar = schema.kind === 'scalar' ? schema.scalar : 'string'
  switch (scalar) {
    case 'quantity':
      return quantitySyntaxMessage
    case 'intOrString':
      return `json: cannot unmarshal ${jsonName(value)} into Go value of type int32`
    case 'time':
    case 'microtime':
      return `json: cannot unmarshal ${jsonName(value)} into Go value of type string`
    case 'bytes':
      return `cannot restore slice from ${kind}`
    default: {
      const wanted = goNames[scalar] ?? scalar
      // Go converts numbers to each other and whole ones to text, and finds only then that they do not fit.
      const converts = kind === 'float64' ? wanted.startsWith('int') : kind === 'int64' && wanted === 'string'
      return converts ? `cannot convert ${kind} to ${wanted}` : `unrecognized type: ${wanted}`
    }
  }
}
