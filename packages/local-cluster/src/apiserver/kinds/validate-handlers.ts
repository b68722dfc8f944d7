import type { FieldError } from '../../types/errors.ts'
import { numberOf, objectList, optionalObject, stringList, stringOf } from '../../types/json.ts'
import type { Json, JsonObject } from '../../types/objects.ts'
import { forbiddenField, invalidValue, notNegative, notSupported, required } from '../validation/fields.ts'
import { portName, portNumber } from '../validation/names.ts'

const schemes = ['HTTP', 'HTTPS']
const handlerKinds = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep']

/** What a probe or a hook does: exactly one thing. @param graceSeconds of the pod, which a sleep must fit in. */
function validateHandler(handler: JsonObject, field: string, graceSeconds: number): FieldError[] {
  const [first, ...more] = handlerKinds.filter((kind) => handler[kind] !== undefined)
  if (first === undefined) return [required(field, 'must specify a handler type')]
  return [
    ...validateAction(optionalObject(handler, first) ?? {}, first, `${field}.${first}`, graceSeconds),
    ...more.map((kind) => forbiddenField(`${field}.${kind}`, 'may not specify more than 1 handler type')),
  ]
}

function validateAction(action: JsonObject, kind: string, at: string, graceSeconds: number): FieldError[] {
  switch (kind) {
    case 'exec':
      return stringList(action, 'command').length === 0 ? [required(`${at}.command`)] : []
    case 'httpGet':
      return validateHttpGet(action, at)
    case 'sleep': {
      const seconds = numberOf(action, 'seconds') ?? 0
      if (seconds >= 0 && seconds <= graceSeconds) return []
      const why = `must be non-negative and less than terminationGracePeriodSeconds (${graceSeconds})`
      return [invalidValue(at, seconds, why)]
    }
    default:
      return validateHandlerPort(action.port, `${at}.port`)
  }
}

function validateHttpGet(action: JsonObject, at: string): FieldError[] {
  const errors: FieldError[] = []
  const scheme = stringOf(action, 'scheme')
  if (stringOf(action, 'path') === '') errors.push(required(`${at}.path`))
  errors.push(...validateHandlerPort(action.port, `${at}.port`))
  if (!schemes.includes(scheme)) errors.push(notSupported(`${at}.scheme`, scheme, schemes))
  for (const header of objectList(action, 'httpHeaders')) {
    const name = stringOf(header, 'name')
    if (/^[-A-Za-z0-9]+$/.test(name)) continue
    const why =
      "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')"
    errors.push(invalidValue(`${at}.httpHeaders`, name, why))
  }
  return errors
}

function validateHandlerPort(port: Json, field: string): FieldError[] {
  if (typeof port === 'string') return portName(port).map((why) => invalidValue(field, port, why))
  const number = typeof port === 'number' ? port : 0
  return portNumber(number).map((why) => invalidValue(field, number, why))
}

/** Reference: pkg/apis/core/validation.validateProbe and its three kinds. */
export function validateProbe(probe: JsonObject, field: string, kind: string, graceSeconds: number): FieldError[] {
  const errors = validateHandler(probe, field, graceSeconds)
  for (const key of [
    'initialDelaySeconds',
    'timeoutSeconds',
    'periodSeconds',
    'successThreshold',
    'failureThreshold',
  ]) {
    errors.push(...notNegative(`${field}.${key}`, probe[key]))
  }
  const grace = numberOf(probe, 'terminationGracePeriodSeconds')
  const at = `${field}.terminationGracePeriodSeconds`
  if (grace !== undefined && grace <= 0) errors.push(invalidValue(at, grace, 'must be greater than 0'))
  if (kind === 'readinessProbe') {
    if (grace !== undefined) errors.push(invalidValue(at, grace, 'must not be set for readinessProbes'))
  } else if ((numberOf(probe, 'successThreshold') ?? 1) !== 1) {
    errors.push(invalidValue(`${field}.successThreshold`, probe.successThreshold, 'must be 1'))
  }
  return errors
}

export function validateLifecycle(lifecycle: JsonObject, field: string, graceSeconds: number): FieldError[] {
  return ['postStart', 'preStop'].flatMap((hook) => {
    const handler = optionalObject(lifecycle, hook)
    return handler === null ? [] : validateHandler(handler, `${field}.${hook}`, graceSeconds)
  })
}
