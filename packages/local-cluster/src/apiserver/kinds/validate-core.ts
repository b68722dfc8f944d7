import { isDeepStrictEqual } from 'node:util'
import type { FieldError } from '../../types/errors.ts'
import { objectList, optionalObject, stringList, stringMap, stringOf } from '../../types/json.ts'
import type { JsonObject } from '../../types/objects.ts'
import {
  duplicateText,
  forbiddenField,
  immutableMessage,
  invalidValue,
  notSupported,
  required,
} from '../validation/fields.ts'
import { configKey, labelValue, qualifiedName } from '../validation/names.ts'

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
const accountAnnotation = 'kubernetes.io/service-account.name'

export function validateSecret(object: JsonObject): FieldError[] {
  const errors = validateKeys(object, 'data')
  const data = stringMap(object, 'data')
  const bytes = Object.values(data).reduce((sum, value) => sum + Buffer.byteLength(value, 'base64'), 0)
  if (bytes > mostDataBytes) errors.push(tooMuchData('data'))
  for (const key of requiredKeys[stringOf(object, 'type')] ?? []) {
    if (data[key] === undefined) errors.push(required(`data[${key}]`))
    else if (key.startsWith('.docker')) errors.push(...validateDockerConfig(data[key], `data[${key}]`))
  }
  if (object.type === 'kubernetes.io/basic-auth' && data.username === undefined && data.password === undefined) {
    errors.push(required('data[username]'), required('data[password]'))
  }
  const annotations = stringMap(optionalObject(object, 'metadata'), 'annotations')
  if (object.type === 'kubernetes.io/service-account-token' && (annotations[accountAnnotation] ?? '') === '') {
    errors.push(required(`metadata.annotations[${accountAnnotation}]`))
  }
  return errors
}

/** Go's complaint about the text is kept for its first character, the usual mistake. */
function validateDockerConfig(encoded: string | undefined, field: string): FieldError[] {
  const text = Buffer.from(encoded ?? '', 'base64').toString()
  try {
    JSON.parse(text)
    return []
  } catch {
    const first = text.trimStart()[0]
    const why =
      first === undefined || '{["-0123456789tfn'.includes(first)
        ? 'unexpected end of JSON input'
        : `invalid character '${first}' looking for beginning of value`
    return [invalidValue(field, '<secret contents redacted>', why)]
  }
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

const taintEffects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

/** Reference: pkg/apis/core/validation.validateNodeTaints. */
export function validateNode(object: JsonObject): FieldError[] {
  const seen = new Set<string>()
  return objectList(optionalObject(object, 'spec'), 'taints').flatMap((taint, index) => {
    const at = `metadata.taints[${index}]`
    const [key, value, effect] = [stringOf(taint, 'key'), stringOf(taint, 'value'), stringOf(taint, 'effect')]
    const errors = qualifiedName(key).map((why) => invalidValue(`${at}.key`, key, why))
    errors.push(...labelValue(value).map((why) => invalidValue(`${at}.value`, value, why)))
    if (!taintEffects.includes(effect)) errors.push(notSupported(`${at}.effect`, effect, taintEffects))
    if (seen.has(`${key}/${effect}`)) {
      const text = JSON.stringify({ Key: key, Value: value, Effect: effect, TimeAdded: taint.timeAdded ?? null })
      const again = duplicateText(at, text)
      errors.push({ ...again, message: `${again.message}: taints must be unique by key and effect pair` })
    }
    seen.add(`${key}/${effect}`)
    return errors
  })
}

/** What is given to a node once. Reference: pkg/apis/core/validation.ValidateNodeUpdate. */
export function validateNodeUpdate(object: JsonObject, old: JsonObject): FieldError[] {
  const [now, before] = [optionalObject(object, 'spec') ?? {}, optionalObject(old, 'spec') ?? {}]
  const errors: FieldError[] = []
  const once = (name: string) => `node updates may not change ${name} except from "" to valid`
  if (before.podCIDRs !== undefined && !isDeepStrictEqual(now.podCIDRs, before.podCIDRs)) {
    errors.push(forbiddenField('spec.podCIDRs', once('podCIDR')))
  }
  if (before.providerID !== undefined && now.providerID !== before.providerID) {
    errors.push(forbiddenField('spec.providerID', once('providerID')))
  }
  return errors
}

const securityLevels = ['privileged', 'baseline', 'restricted']
const securityPrefix = 'pod-security.kubernetes.io'

/** Labels that say which pods a namespace takes. Reference: k8s.io/pod-security-admission/api. */
export function validateNamespace(object: JsonObject): FieldError[] {
  const labels = stringMap(optionalObject(object, 'metadata'), 'labels')
  return ['enforce', 'audit', 'warn'].flatMap((mode) => {
    const errors: FieldError[] = []
    const [level, version] = [labels[`${securityPrefix}/${mode}`], labels[`${securityPrefix}/${mode}-version`]]
    const field = `metadata.labels[${securityPrefix}/${mode}`
    if (level !== undefined && !securityLevels.includes(level)) {
      errors.push(invalidValue(`${field}]`, level, `must be one of ${securityLevels.join(', ')}`))
    }
    if (version !== undefined && version !== 'latest' && !/^v1\.\d+$/.test(version)) {
      errors.push(invalidValue(`${field}-version]`, version, 'must be "latest" or "v1.x"'))
    }
    return errors
  })
}

/** Reference: pkg/apis/core/validation.ValidateFinalizerName. @param numbered true where each is named by its place in the list */
export function validateNamespaceFinalizers(object: JsonObject, numbered = false): FieldError[] {
  return stringList(optionalObject(object, 'spec'), 'finalizers').flatMap((name, index) => {
    const field = numbered ? `spec.finalizers[${index}]` : 'spec.finalizers'
    const errors = qualifiedName(name).map((why) => invalidValue(field, name, why))
    if (!name.includes('/') && name !== 'kubernetes') {
      const why = 'name is neither a standard finalizer name nor is it fully qualified'
      errors.push(invalidValue(field, name, why))
    }
    return errors
  })
}

/** What is written of a namespace besides the namespace itself. Reference: pkg/apis/core/validation.ValidateNamespaceStatusUpdate. */
export function validateNamespacePart(part: string, object: JsonObject): FieldError[] {
  if (part === 'finalize') return validateNamespaceFinalizers(object, true)
  const phase = stringOf(optionalObject(object, 'status'), 'phase')
  const going = optionalObject(object, 'metadata')?.deletionTimestamp !== undefined
  if (!going && phase !== 'Active') {
    return [invalidValue('status.Phase', phase, "may only be 'Active' if `deletionTimestamp` is empty")]
  }
  if (going && phase !== 'Terminating') {
    return [invalidValue('status.Phase', phase, "may only be 'Terminating' if `deletionTimestamp` is not empty")]
  }
  return []
}
