import { isDeepStrictEqual } from 'node:util'
import { parseQuantity } from '../../schema/quantity.ts'
import type { FieldError } from '../errors.ts'
import type { JsonObject } from '../objects.ts'
import { forbiddenField, immutableMessage, invalidValue, notNegativeMessage, required } from '../validation/fields.ts'
import { configKey } from '../validation/names.ts'
import { optionalObject, stringMap, stringOf } from './json.ts'

/** Most bytes of all values of one Secret or ConfigMap. */
const mostDataBytes = 1_048_576

function validateKeys(object: JsonObject, field: string): FieldError[] {
  return Object.keys(optionalObject(object, field) ?? {}).flatMap((key) =>
    configKey(key).map((why) => invalidValue(`${field}[${key}]`, key, why)),
  )
}

export function validateConfigMap(object: JsonObject): FieldError[] {
  const errors = [...validateKeys(object, 'data'), ...validateKeys(object, 'binaryData')]
  const binary = stringMap(object, 'binaryData')
  let bytes = 0
  for (const [key, value] of Object.entries(stringMap(object, 'data'))) {
    bytes += Buffer.byteLength(value)
    if (key in binary) errors.push(invalidValue(`data[${key}]`, key, 'duplicate of key present in binaryData'))
  }
  for (const value of Object.values(binary)) bytes += Buffer.byteLength(value, 'base64')
  if (bytes > mostDataBytes) errors.push(tooMuchData('[]'))
  return errors
}

function tooMuchData(field: string): FieldError {
  return { reason: 'FieldValueTooLong', field, message: `Too long: may not be more than ${mostDataBytes} bytes` }
}

const requiredKeys: Record<string, string[]> = {
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
}

export function validateSecret(object: JsonObject): FieldError[] {
  const errors = validateKeys(object, 'data')
  const data = stringMap(object, 'data')
  const bytes = Object.values(data).reduce((sum, value) => sum + Buffer.byteLength(value, 'base64'), 0)
  if (bytes > mostDataBytes) errors.push(tooMuchData('data'))
  for (const key of requiredKeys[stringOf(object, 'type')] ?? []) {
    if (data[key] === undefined) errors.push(required(`data[${key}]`))
  }
  return errors
}

export function validateSecretUpdate(object: JsonObject, old: JsonObject): FieldError[] {
  const errors = validateImmutable(object, old, ['data'])
  if (object.type !== old.type) errors.unshift(invalidValue('type', object.type, immutableMessage))
  return errors
}

/** `immutable: true` on Secrets and ConfigMaps. */
export function validateImmutable(object: JsonObject, old: JsonObject, fields: string[]): FieldError[] {
  if (old.immutable !== true) return []
  const errors: FieldError[] = []
  if (object.immutable !== true) errors.push(forbiddenField('immutable', 'field is immutable when `immutable` is set'))
  for (const field of fields) {
    if (!isDeepStrictEqual(object[field], old[field])) {
      errors.push(forbiddenField(field, 'field is immutable when `immutable` is set'))
    }
  }
  return errors
}

export function validateResourceQuota(object: JsonObject): FieldError[] {
  const hard = stringMap(optionalObject(object, 'spec'), 'hard')
  return Object.entries(hard).flatMap(([name, value]) => {
    const quantity = parseQuantity(value)
    const negative = quantity === null || quantity.nano < 0n
    return negative ? [invalidValue(`spec.hard[${name}]`, value, notNegativeMessage)] : []
  })
}
