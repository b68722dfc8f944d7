import type { FieldError } from '../../types/errors.ts'
import { objectList, optionalObject, stringOf } from '../../types/json.ts'
import type { JsonObject } from '../../types/objects.ts'
import { invalidValue, notSupported, required } from '../validation/fields.ts'
import { configKey, dns1123Subdomain, environmentName, qualifiedName } from '../validation/names.ts'

const variablePaths = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
]
/** What a pod's fields can be converted to at all: others are refused before it is asked whether they may be used here. */
const knownPaths = new Set([
  ...variablePaths,
  'metadata.annotations',
  'metadata.labels',
  'spec.restartPolicy',
  'spec.schedulerName',
  'spec.hostNetwork',
  'status.phase',
  'status.nominatedNodeName',
])
const containerResources = ['cpu', 'ephemeral-storage', 'memory']
const resourceNames = ['limits', 'requests'].flatMap((kind) => containerResources.map((name) => `${kind}.${name}`))
const cpuDivisors = ['1m', '1', '0']

export function validateFieldRef(ref: JsonObject, field: string, allowed: readonly string[]): FieldError[] {
  const path = stringOf(ref, 'fieldPath')
  const at = `${field}.fieldPath`
  if (path === '') return [required(at)]
  const subscript = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(path)
  if (subscript !== null) {
    const key = subscript[2] ?? ''
    return qualifiedName(key).map((why) => invalidValue(field, key, why))
  }
  if (!knownPaths.has(path)) {
    return [invalidValue(at, path, `error converting fieldPath: field label not supported: ${path}`)]
  }
  return allowed.includes(path) ? [] : [notSupported(at, path, allowed)]
}

export function validateResourceRef(ref: JsonObject, field: string, volume: boolean): FieldError[] {
  if (volume && stringOf(ref, 'containerName') === '') return [required(`${field}.containerName`)]
  const resource = stringOf(ref, 'resource')
  if (resource === '') return [required(`${field}.resource`)]
  if (/^(limits|requests)\.hugepages-/.test(resource)) return []
  if (!resourceNames.includes(resource)) return [notSupported(`${field}.resource`, resource, resourceNames)]
  const divisor = String(ref.divisor ?? '0')
  if (!resource.endsWith('.cpu') || cpuDivisors.includes(divisor)) return []
  const why = "only divisor's values 1m and 1 are supported with the cpu resource"
  return [invalidValue(`${field}.divisor`, resource, why)]
}

/** `env` and `envFrom` of a container. Reference: pkg/apis/core/validation.ValidateEnv. */
export function validateEnvironment(container: JsonObject, at: string): FieldError[] {
  const errors = objectList(container, 'env').flatMap((variable, index) =>
    validateVariable(variable, `${at}.env[${index}]`),
  )
  for (const [index, source] of objectList(container, 'envFrom').entries()) {
    errors.push(...validateEnvSource(source, `${at}.envFrom`, index))
  }
  return errors
}

function validateEnvSource(source: JsonObject, list: string, index: number): FieldError[] {
  const at = `${list}[${index}]`
  const errors: FieldError[] = []
  const prefix = stringOf(source, 'prefix')
  if (prefix !== '') errors.push(...environmentName(prefix).map((why) => invalidValue(`${at}.prefix`, prefix, why)))
  const refs = ['configMapRef', 'secretRef'].filter((key) => source[key] !== undefined)
  for (const key of refs) {
    const name = stringOf(optionalObject(source, key), 'name')
    if (name === '') errors.push(required(`${at}.${key}.name`))
    else errors.push(...dns1123Subdomain(name).map((why) => invalidValue(`${at}.${key}.name`, name, why)))
  }
  // Of the list, not of its entry: the real server's own slip.
  if (refs.length === 0) errors.push(invalidValue(list, '', 'must specify one of: `configMapRef` or `secretRef`'))
  if (refs.length > 1) errors.push(invalidValue(list, '', 'may not have more than one field specified at a time'))
  return errors
}

function validateVariable(variable: JsonObject, at: string): FieldError[] {
  const name = stringOf(variable, 'name')
  const errors: FieldError[] = []
  if (name === '') errors.push(required(`${at}.name`))
  else errors.push(...environmentName(name).map((why) => invalidValue(`${at}.name`, name, why)))
  const source = optionalObject(variable, 'valueFrom')
  if (source === null) return errors
  const field = `${at}.valueFrom`
  const kinds = Object.keys(source)
  const fieldRef = optionalObject(source, 'fieldRef')
  if (fieldRef !== null) errors.push(...validateFieldRef(fieldRef, `${field}.fieldRef`, variablePaths))
  const resourceRef = optionalObject(source, 'resourceFieldRef')
  if (resourceRef !== null) errors.push(...validateResourceRef(resourceRef, `${field}.resourceFieldRef`, false))
  for (const kind of ['configMapKeyRef', 'secretKeyRef']) errors.push(...validateKeyRef(source, kind, field))
  if (kinds.length === 0) {
    const why = 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`'
    errors.push(invalidValue(field, '', why))
  } else if (stringOf(variable, 'value') !== '') {
    errors.push(invalidValue(field, '', 'may not be specified when `value` is not empty'))
  } else if (kinds.length > 1) {
    errors.push(invalidValue(field, '', 'may not have more than one field specified at a time'))
  }
  return errors
}

function validateKeyRef(source: JsonObject, kind: string, field: string): FieldError[] {
  const ref = optionalObject(source, kind)
  if (ref === null) return []
  const [name, key] = [stringOf(ref, 'name'), stringOf(ref, 'key')]
  const errors = dns1123Subdomain(name).map((why) => invalidValue(`${field}.${kind}.name`, name, why))
  if (key === '') errors.push(required(`${field}.${kind}.key`))
  else errors.push(...configKey(key).map((why) => invalidValue(`${field}.${kind}.key`, key, why)))
  return errors
}
