import { isIP } from 'node:net'
import type { FieldError } from '../../types/errors.ts'
import type { Json } from '../../types/objects.ts'
import { sorted } from '../../types/sorted.ts'

/** The value as Go prints it inside a field error: strings quoted, the rest as JSON, maps in the order of their keys. */
function shown(value: Json): string {
  return value === undefined ? 'null' : JSON.stringify(sorted(value))
}

/** Reference: k8s.io/apimachinery/pkg/util/validation/field. */
export function invalidValue(field: string, value: Json, why: string): FieldError {
  return invalidText(field, shown(value), why)
}

/** As `invalidValue`, for a value that is already in Go's own words. */
export function invalidText(field: string, text: string, why: string): FieldError {
  return { reason: 'FieldValueInvalid', field, message: `Invalid value: ${text}${why === '' ? '' : `: ${why}`}` }
}

export function required(field: string, why = ''): FieldError {
  return { reason: 'FieldValueRequired', field, message: why === '' ? 'Required value' : `Required value: ${why}` }
}

/** @param supported in the order in which the real server names them: a set's is sorted, a list's is its own. */
export function notSupported(field: string, value: Json, supported: readonly string[]): FieldError {
  const list = supported.map((text) => JSON.stringify(text))
  return {
    reason: 'FieldValueNotSupported',
    field,
    message: `Unsupported value: ${shown(value)}: supported values: ${list.join(', ')}`,
  }
}

/** As `notSupported`, for a value that is already in Go's own words. */
export function notSupportedText(field: string, text: string, supported: readonly string[]): FieldError {
  const list = supported.map((name) => JSON.stringify(name))
  const message = `Unsupported value: ${text}: supported values: ${list.join(', ')}`
  return { reason: 'FieldValueNotSupported', field, message }
}

export function duplicate(field: string, value: Json): FieldError {
  return { reason: 'FieldValueDuplicate', field, message: `Duplicate value: ${shown(value)}` }
}

/** As `duplicate`, for a value that is already in Go's own words. */
export function duplicateText(field: string, text: string): FieldError {
  return { reason: 'FieldValueDuplicate', field, message: `Duplicate value: ${text}` }
}

export function forbiddenField(field: string, why: string): FieldError {
  return { reason: 'FieldValueForbidden', field, message: `Forbidden: ${why}` }
}

export function tooLong(field: string, mostBytes: number): FieldError {
  return { reason: 'FieldValueTooLong', field, message: `Too long: may not be more than ${mostBytes} bytes` }
}

export function notFoundValue(field: string, value: Json): FieldError {
  return { reason: 'FieldValueNotFound', field, message: `Not found: ${shown(value)}` }
}

export const notNegativeMessage = 'must be greater than or equal to 0'

export function notNegative(field: string, value: Json): FieldError[] {
  return typeof value === 'number' && value < 0 ? [invalidValue(field, value, notNegativeMessage)] : []
}

export const immutableMessage = 'field is immutable'

export function validateAddress(address: string, field: string): FieldError[] {
  if (isIP(address) !== 0) return []
  return [invalidValue(field, address, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')]
}
