import type { FieldError } from '../../types/errors.ts'
import { objectList, optionalObject, stringMap, stringOf } from '../../types/json.ts'
import type { JsonObject } from '../../types/objects.ts'
import { compareQuantities, formatQuantity, parseQuantity, type Quantity } from '../../types/quantity.ts'
import { duplicate, forbiddenField, invalidValue, required } from '../validation/fields.ts'
import { qualifiedName } from '../validation/names.ts'
import { validateResourceAmount, validateResourceName } from './validate-resources.ts'

const standardTypes = ['Container', 'PersistentVolumeClaim', 'Pod']
const maps = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const
type MapName = (typeof maps)[number]
type Bounds = Partial<Record<MapName, Quantity>>

/** Reference: pkg/apis/core/validation.ValidateLimitRange. */
export function validateLimitRange(object: JsonObject): FieldError[] {
  const types = new Set<string>()
  return objectList(optionalObject(object, 'spec'), 'limits').flatMap((item, index) => {
    const at = `spec.limits[${index}]`
    const type = stringOf(item, 'type')
    const errors = validateType(type, `${at}.type`)
    if (types.has(type)) errors.push(duplicate(`${at}.type`, type))
    types.add(type)
    return [...errors, ...validateItem(item, type, at)]
  })
}

function validateType(type: string, field: string): FieldError[] {
  const errors = qualifiedName(type).map((why) => invalidValue(field, type, why))
  if (errors.length > 0 || type.includes('/') || standardTypes.includes(type)) return errors
  return [invalidValue(field, type, 'must be a standard limit type or fully qualified')]
}

function validateItem(item: JsonObject, type: string, at: string): FieldError[] {
  const errors: FieldError[] = []
  for (const map of maps) {
    const values = stringMap(item, map)
    const forPods = type === 'Pod' && (map === 'default' || map === 'defaultRequest')
    if (forPods && Object.keys(values).length > 0) {
      errors.push(forbiddenField(`${at}.${map}`, "may not be specified when `type` is 'Pod'"))
      continue
    }
    for (const [name, value] of Object.entries(values)) {
      const field = `${at}.${map}[${name}]`
      if (type === 'Container') errors.push(...validateResourceName(name, field))
      errors.push(...validateResourceAmount(name, value, field))
    }
  }
  if (type === 'PersistentVolumeClaim') {
    const sized = [stringMap(item, 'max'), stringMap(item, 'min')].some(({ storage }) => storage !== undefined)
    const why = 'either minimum or maximum storage value is required, but neither was provided'
    if (!sized) errors.push(required(`${at}.limits`, why))
  }
  const names = new Set(maps.flatMap((map) => Object.keys(stringMap(item, map))))
  for (const name of names) errors.push(...validateBounds(boundsOf(item, name), name, at))
  return errors
}

function boundsOf(item: JsonObject, name: string): Bounds {
  const out: Bounds = {}
  for (const map of maps) {
    const value = stringMap(item, map)[name]
    const quantity = value === undefined ? null : parseQuantity(value)
    if (quantity !== null) out[map] = quantity
  }
  return out
}

/** Least, default request, default and most have to be in this order. */
function validateBounds(bounds: Bounds, name: string, at: string): FieldError[] {
  const { min, max, default: limit, defaultRequest: request } = bounds
  const errors: FieldError[] = []
  const above = (a: Quantity | undefined, b: Quantity | undefined): boolean =>
    a !== undefined && b !== undefined && compareQuantities(a, b) > 0
  const text = (quantity: Quantity | undefined) => (quantity === undefined ? '' : formatQuantity(quantity))
  const refuse = (map: MapName, value: Quantity | undefined, why: string) =>
    errors.push(invalidValue(`${at}.${map}[${name}]`, text(value), why))
  if (above(min, max)) refuse('min', min, `min value ${text(min)} is greater than max value ${text(max)}`)
  if (above(min, request)) {
    refuse('defaultRequest', request, `min value ${text(min)} is greater than default request value ${text(request)}`)
  }
  if (above(request, max)) {
    refuse('defaultRequest', request, `default request value ${text(request)} is greater than max value ${text(max)}`)
  }
  if (above(request, limit)) {
    const why = `default request value ${text(request)} is greater than default limit value ${text(limit)}`
    refuse('defaultRequest', request, why)
  }
  // The other bound is what the real server shows as the value here.
  if (above(min, limit)) refuse('default', min, `min value ${text(min)} is greater than default value ${text(limit)}`)
  if (above(limit, max)) refuse('default', max, `default value ${text(limit)} is greater than max value ${text(max)}`)
  return [...errors, ...validateRatio(bounds, `${at}.maxLimitRequestRatio[${name}]`)]
}

function validateRatio({ min, max, maxLimitRequestRatio: ratio }: Bounds, field: string): FieldError[] {
  if (ratio === undefined) return []
  const text = formatQuantity(ratio)
  const value = Number(ratio.nano) / 1e9
  if (value < 1) return [invalidValue(field, text, `ratio ${text} is less than 1`)]
  if (min === undefined || max === undefined || min.nano === 0n) return []
  const most = Number(max.nano) / Number(min.nano)
  if (value <= most) return []
  return [invalidValue(field, text, `ratio ${text} is greater than max/min = ${most.toFixed(6)}`)]
}
