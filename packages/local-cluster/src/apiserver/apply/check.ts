import { isJsonObject } from '../../types/json.ts'
import type { Json } from '../../types/objects.ts'
import { goSource, goText, goType } from '../schema/go-values.ts'
import type { ListSchema, ScalarSchema, Schema } from '../schema/schema.ts'
import { elementText } from './field-set.ts'
import { entriesOf, fieldSchema, listElement, TypedValueError } from './typed.ts'

/**
 * Holds a configuration against its kind's schema before anything is merged: types, undeclared fields, and members of a list
 * that come twice. Reference: typed.TypedValue's validation.
 * @throws TypedValueError with everything that does not fit.
 */
export function checkTyped(schema: Schema, value: Json): void {
  const errors: string[] = []
  check(schema, value, '', errors)
  const [first] = errors
  if (first === undefined) return
  throw new TypedValueError(errors.length === 1 ? first : ['errors:', ...errors.map((each) => `  ${each}`)].join('\n'))
}

function check(schema: Schema, value: Json, path: string, errors: string[]): void {
  if (value === null || value === undefined) return
  const fail = (why: string) => errors.push(path === '' ? why : `${path}: ${why}`)
  switch (schema.kind) {
    case 'any':
      return
    case 'scalar': {
      const why = scalarFault(schema, value)
      if (why !== null) fail(why)
      return
    }
    case 'list':
      if (!Array.isArray(value)) fail(`expected list, got &{${goText(value)}}`)
      else checkList(schema, value, path, errors)
      return
    default:
      if (!isJsonObject(value)) {
        fail(`expected map, got &{${goText(value)}}`)
        return
      }
      for (const [key, child] of entriesOf(value).sort(([a], [b]) => (a < b ? -1 : 1))) {
        const below = fieldSchema(schema, key)
        if (below === undefined) errors.push(`${path}.${key}: field not declared in schema`)
        else check(below, child, `${path}.${key}`, errors)
      }
  }
}

function checkList(schema: ListSchema, list: Json[], path: string, errors: string[]): void {
  const seen = new Set<string>()
  for (const [index, item] of list.entries()) {
    let text = `[${index}]`
    if (schema.listType !== 'atomic') {
      const element = elementOrFault(schema, item)
      if (element instanceof TypedValueError) {
        errors.push(`${path}: element ${index}: ${element.message}`)
        return
      }
      text = elementText(element)
      if (seen.has(element)) errors.push(`${path}: duplicate entries for key ${text}`)
      seen.add(element)
    }
    check(schema.element, item, path + text, errors)
  }
}

function elementOrFault(schema: ListSchema, item: Json): string | TypedValueError {
  try {
    return listElement(schema, item)
  } catch (error) {
    if (error instanceof TypedValueError) return error
    throw error
  }
}

/** Numbers-or-names take anything here, as the real schema does. */
function scalarFault({ scalar }: ScalarSchema, value: Json): string | null {
  switch (scalar) {
    case 'boolean':
      return typeof value === 'boolean' ? null : `expected boolean, got &{${goText(value)}}`
    case 'number':
    case 'int32':
    case 'int64':
      return typeof value === 'number' ? null : `expected numeric (int or float), got ${goType(value)}`
    case 'string':
    case 'bytes':
      if (typeof value === 'string') return null
      return `expected string, got &value.valueUnstructured{Value:${goSource(value)}}`
    case 'quantity':
    case 'time':
    case 'microtime':
      return typeof value === 'object' ? `expected any scalar, got &{${goText(value)}}` : null
    default:
      return null
  }
}
