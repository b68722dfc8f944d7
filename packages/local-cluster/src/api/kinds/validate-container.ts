import { parseQuantity } from '../../schema/quantity.ts'
import type { FieldError } from '../errors.ts'
import type { JsonObject } from '../objects.ts'
import { duplicate, invalidValue, notFoundValue, notNegative, notSupported, required } from '../validation/fields.ts'
import { configKey, dns1123Label, environmentName, portName, portNumber } from '../validation/names.ts'
import { numberOf, objectList, optionalObject, stringList, stringMap, stringOf } from './json.ts'

const protocols = ['SCTP', 'TCP', 'UDP']
const pullPolicies = ['Always', 'IfNotPresent', 'Never']
const messagePolicies = ['FallbackToLogsOnError', 'File']
const fieldPaths = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.hostname',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
]

/** Reference: pkg/apis/core/validation.validateContainers. */
export function validateContainers(
  list: JsonObject[],
  field: string,
  volumes: Set<string>,
  init: boolean,
): FieldError[] {
  const names = new Set<string>()
  const ports = new Set<string>()
  return list.flatMap((container, index) => {
    const at = `${field}[${index}]`
    const errors = validateContainer(container, at, volumes, init)
    const name = stringOf(container, 'name')
    if (name !== '' && names.has(name)) errors.push(duplicate(`${at}.name`, name))
    names.add(name)
    for (const [i, port] of objectList(container, 'ports').entries()) {
      const hostPort = numberOf(port, 'hostPort') ?? 0
      const key = `${stringOf(port, 'protocol')}/${stringOf(port, 'hostIP')}/${hostPort}`
      if (hostPort !== 0 && ports.has(key)) errors.push(duplicate(`${at}.ports[${i}].hostPort`, key))
      ports.add(key)
    }
    return errors
  })
}

function validateContainer(container: JsonObject, at: string, volumes: Set<string>, init: boolean): FieldError[] {
  const errors: FieldError[] = []
  const name = stringOf(container, 'name')
  if (name === '') errors.push(required(`${at}.name`))
  else errors.push(...dns1123Label(name).map((why) => invalidValue(`${at}.name`, name, why)))
  const image = stringOf(container, 'image')
  if (image === '') errors.push(required(`${at}.image`))
  else if (image !== image.trim())
    errors.push(invalidValue(`${at}.image`, image, 'must not have leading or trailing whitespace'))
  if (!messagePolicies.includes(stringOf(container, 'terminationMessagePolicy'))) {
    errors.push(notSupported(`${at}.terminationMessagePolicy`, container.terminationMessagePolicy, messagePolicies))
  }
  if (!pullPolicies.includes(stringOf(container, 'imagePullPolicy'))) {
    errors.push(notSupported(`${at}.imagePullPolicy`, container.imagePullPolicy, pullPolicies))
  }
  errors.push(...validatePorts(container, `${at}.ports`), ...validateEnvironment(container, at))
  errors.push(...validateMounts(container, `${at}.volumeMounts`, volumes))
  errors.push(...validateResources(optionalObject(container, 'resources'), `${at}.resources`))
  const sidecar = container.restartPolicy === 'Always'
  if (container.restartPolicy !== undefined && !init) {
    errors.push({
      reason: 'FieldValueForbidden',
      field: `${at}.restartPolicy`,
      message: 'Forbidden: may not be set for non-init containers',
    })
  }
  for (const probe of ['livenessProbe', 'readinessProbe', 'startupProbe']) {
    const value = optionalObject(container, probe)
    if (value === null) continue
    if (init && !sidecar) {
      errors.push({
        reason: 'FieldValueForbidden',
        field: `${at}.${probe}`,
        message: 'Forbidden: may not be set for init containers without restartPolicy=Always',
      })
    } else errors.push(...validateProbe(value, `${at}.${probe}`, probe))
  }
  return errors
}

function validatePorts(container: JsonObject, field: string): FieldError[] {
  const names = new Set<string>()
  return objectList(container, 'ports').flatMap((port, index) => {
    const at = `${field}[${index}]`
    const errors: FieldError[] = []
    const name = stringOf(port, 'name')
    if (name !== '') {
      errors.push(...portName(name).map((why) => invalidValue(`${at}.name`, name, why)))
      if (names.has(name)) errors.push(duplicate(`${at}.name`, name))
      names.add(name)
    }
    const number = numberOf(port, 'containerPort') ?? 0
    if (number === 0) errors.push(required(`${at}.containerPort`))
    else errors.push(...portNumber(number).map((why) => invalidValue(`${at}.containerPort`, number, why)))
    const hostPort = numberOf(port, 'hostPort') ?? 0
    if (hostPort !== 0) errors.push(...portNumber(hostPort).map((why) => invalidValue(`${at}.hostPort`, hostPort, why)))
    if (!protocols.includes(stringOf(port, 'protocol')))
      errors.push(notSupported(`${at}.protocol`, port.protocol, protocols))
    return errors
  })
}

function validateEnvironment(container: JsonObject, at: string): FieldError[] {
  const errors = objectList(container, 'env').flatMap((variable, index) =>
    validateVariable(variable, `${at}.env[${index}]`),
  )
  for (const [index, source] of objectList(container, 'envFrom').entries()) {
    const field = `${at}.envFrom[${index}]`
    const refs = ['configMapRef', 'secretRef'].filter((key) => source[key] !== undefined)
    if (refs.length === 0) errors.push(invalidValue(field, '', 'must specify one of: `configMapRef` or `secretRef`'))
    if (refs.length > 1) errors.push(invalidValue(field, '', 'may not have more than one field specified at a time'))
    for (const ref of refs) {
      if (stringOf(optionalObject(source, ref), 'name') === '') errors.push(required(`${field}.${ref}.name`))
    }
  }
  return errors
}

function validateVariable(variable: JsonObject, at: string): FieldError[] {
  const name = stringOf(variable, 'name')
  const errors: FieldError[] = []
  if (name === '') errors.push(required(`${at}.name`))
  else errors.push(...environmentName(name).map((why) => invalidValue(`${at}.name`, name, why)))
  const source = optionalObject(variable, 'valueFrom')
  if (source === null) return errors
  const kinds = Object.keys(source)
  if (kinds.length === 0) {
    const why = 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`'
    errors.push(invalidValue(`${at}.valueFrom`, '', why))
  }
  if (stringOf(variable, 'value') !== '' && kinds.length > 0) {
    errors.push(invalidValue(`${at}.valueFrom`, '', 'may not be specified when `value` is not empty'))
  }
  if (kinds.length > 1) {
    errors.push(invalidValue(`${at}.valueFrom`, '', 'may not have more than one field specified at a time'))
  }
  for (const kind of ['secretKeyRef', 'configMapKeyRef']) {
    const ref = optionalObject(source, kind)
    if (ref === null) continue
    if (stringOf(ref, 'name') === '') errors.push(required(`${at}.valueFrom.${kind}.name`))
    const key = stringOf(ref, 'key')
    if (key === '') errors.push(required(`${at}.valueFrom.${kind}.key`))
    else errors.push(...configKey(key).map((why) => invalidValue(`${at}.valueFrom.${kind}.key`, key, why)))
  }
  const fieldRef = optionalObject(source, 'fieldRef')
  const path = stringOf(fieldRef, 'fieldPath')
  if (fieldRef !== null && !/^metadata\.(labels|annotations)\['.+'\]$/.test(path) && !fieldPaths.includes(path)) {
    errors.push(notSupported(`${at}.valueFrom.fieldRef.fieldPath`, path, fieldPaths))
  }
  return errors
}

function validateMounts(container: JsonObject, field: string, volumes: Set<string>): FieldError[] {
  const paths = new Set<string>()
  return objectList(container, 'volumeMounts').flatMap((mount, index) => {
    const at = `${field}[${index}]`
    const errors: FieldError[] = []
    const [name, path] = [stringOf(mount, 'name'), stringOf(mount, 'mountPath')]
    if (name === '') errors.push(required(`${at}.name`))
    else if (!volumes.has(name)) errors.push(notFoundValue(`${at}.name`, name))
    if (path === '') errors.push(required(`${at}.mountPath`))
    if (paths.has(path)) errors.push(invalidValue(`${at}.mountPath`, path, 'must be unique'))
    paths.add(path)
    return errors
  })
}

/** Reference: validateResourceRequirements. */
function validateResources(resources: JsonObject | null, field: string): FieldError[] {
  const errors: FieldError[] = []
  const [limits, requests] = [stringMap(resources, 'limits'), stringMap(resources, 'requests')]
  for (const [kind, values] of [
    ['limits', limits],
    ['requests', requests],
  ] as const) {
    for (const [name, value] of Object.entries(values)) {
      const quantity = parseQuantity(value)
      if (quantity === null || quantity.nano < 0n) {
        errors.push(invalidValue(`${field}.${kind}[${name}]`, value, 'must be greater than or equal to 0'))
      }
      if (!name.includes('/') && !/^(cpu|memory|ephemeral-storage|hugepages-.+)$/.test(name)) {
        errors.push(
          invalidValue(`${field}.${kind}[${name}]`, name, 'must be a standard resource type or fully qualified'),
        )
      }
    }
  }
  for (const [name, request] of Object.entries(requests)) {
    const [wanted, most] = [parseQuantity(request), limits[name] === undefined ? null : parseQuantity(limits[name])]
    if (wanted !== null && most !== null && wanted.nano > most.nano) {
      const why = `must be less than or equal to ${name} limit of ${limits[name]}`
      errors.push(invalidValue(`${field}.requests`, request, why))
    }
  }
  return errors
}

function validateProbe(probe: JsonObject, field: string, kind: string): FieldError[] {
  const errors: FieldError[] = []
  const handlers = ['exec', 'httpGet', 'tcpSocket', 'grpc'].filter((key) => probe[key] !== undefined)
  if (handlers.length === 0) errors.push(required(field, 'must specify a handler type'))
  for (const extra of handlers.slice(1)) {
    errors.push({
      reason: 'FieldValueForbidden',
      field: `${field}.${extra}`,
      message: 'Forbidden: may not specify more than 1 handler type',
    })
  }
  for (const key of [
    'initialDelaySeconds',
    'timeoutSeconds',
    'periodSeconds',
    'successThreshold',
    'failureThreshold',
  ]) {
    errors.push(...notNegative(`${field}.${key}`, probe[key]))
  }
  if (kind !== 'readinessProbe' && (numberOf(probe, 'successThreshold') ?? 1) !== 1) {
    errors.push(invalidValue(`${field}.successThreshold`, probe.successThreshold, 'must be 1'))
  }
  for (const key of ['httpGet', 'tcpSocket']) {
    const handler = optionalObject(probe, key)
    if (handler !== null) errors.push(...validateProbePort(handler.port, `${field}.${key}.port`))
  }
  const exec = optionalObject(probe, 'exec')
  if (exec !== null && stringList(exec, 'command').length === 0) errors.push(required(`${field}.exec.command`))
  return errors
}

function validateProbePort(port: JsonObject[string], field: string): FieldError[] {
  if (typeof port === 'number') return portNumber(port).map((why) => invalidValue(field, port, why))
  return portName(typeof port === 'string' ? port : '').map((why) => invalidValue(field, port ?? '', why))
}
