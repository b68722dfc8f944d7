import { isIP } from 'node:net'
import type { FieldError } from '../../types/errors.ts'
import { numberOf, objectList, optionalObject, stringList, stringMap, stringOf } from '../../types/json.ts'
import type { JsonObject } from '../../types/objects.ts'
import { immutableMessage, invalidValue, notSupported, required } from '../validation/fields.ts'
import { dns1123Label, dns1123Subdomain, portName, portNumber, wildcardSubdomain } from '../validation/names.ts'

const pathTypes = ['Exact', 'ImplementationSpecific', 'Prefix']

/** Reference: pkg/apis/networking/validation.ValidateIngressCreate. */
export function validateIngress(object: JsonObject): FieldError[] {
  const spec = optionalObject(object, 'spec') ?? {}
  const rules = objectList(spec, 'rules')
  const backend = optionalObject(spec, 'defaultBackend')
  const errors: FieldError[] = []
  if (rules.length === 0 && backend === null) {
    errors.push(invalidValue('spec', null, 'either `defaultBackend` or `rules` must be specified'))
  }
  if (backend !== null) errors.push(...validateBackend(backend, 'spec.defaultBackend'))
  const className = spec.ingressClassName
  if (typeof className === 'string') {
    errors.push(...dns1123Subdomain(className).map((why) => invalidValue('spec.ingressClassName', className, why)))
  }
  for (const [index, rule] of rules.entries()) errors.push(...validateIngressRule(rule, `spec.rules[${index}]`))
  for (const [index, tls] of objectList(spec, 'tls').entries()) {
    for (const [i, host] of stringList(tls, 'hosts').entries()) {
      errors.push(...validateHost(host, `spec.tls[${index}].hosts[${i}]`))
    }
    const secret = stringOf(tls, 'secretName')
    if (secret === '') continue
    errors.push(...dns1123Subdomain(secret).map((why) => invalidValue(`spec.tls[${index}].secretName`, secret, why)))
  }
  return errors
}

const classAnnotation = 'kubernetes.io/ingress.class'
const classOf = (object: JsonObject) => stringMap(optionalObject(object, 'metadata'), 'annotations')[classAnnotation]

/** The old annotation and the field may only say the same. */
export function validateIngressCreate(object: JsonObject): FieldError[] {
  const [annotation, named] = [classOf(object), optionalObject(object, 'spec')?.ingressClassName]
  if (annotation === undefined || named === undefined || annotation === named) return []
  const why = 'must match `ingressClassName` when both are specified'
  return [invalidValue(`annotations.${classAnnotation}`, annotation, why)]
}

export function ingressWarnings(object: JsonObject): string[] {
  if (classOf(object) === undefined) return []
  return [`annotation "${classAnnotation}" is deprecated, please use 'spec.ingressClassName' instead`]
}

function validateHost(host: string, field: string): FieldError[] {
  if (isIP(host) !== 0) return [invalidValue(field, host, 'must be a DNS name, not an IP address')]
  const check = host.includes('*') ? wildcardSubdomain : dns1123Subdomain
  return check(host).map((why) => invalidValue(field, host, why))
}

function validateIngressRule(rule: JsonObject, at: string): FieldError[] {
  const host = stringOf(rule, 'host')
  const errors = host === '' ? [] : validateHost(host, `${at}.host`)
  const http = optionalObject(rule, 'http')
  if (http === null) return errors
  const paths = objectList(http, 'paths')
  if (paths.length === 0) errors.push(required(`${at}.http.paths`))
  for (const [index, path] of paths.entries()) {
    const field = `${at}.http.paths[${index}]`
    const type = stringOf(path, 'pathType')
    if (type === '') errors.push(required(`${field}.pathType`, 'pathType must be specified'))
    else if (!pathTypes.includes(type)) errors.push(notSupported(`${field}.pathType`, type, pathTypes))
    const text = stringOf(path, 'path')
    if (type !== 'ImplementationSpecific' && type !== '' && !text.startsWith('/')) {
      errors.push(invalidValue(`${field}.path`, text, 'must be an absolute path'))
    }
    if (type === 'Exact' || type === 'Prefix') errors.push(...validateExactPath(text, `${field}.path`))
    errors.push(...validateBackend(optionalObject(path, 'backend') ?? {}, `${field}.backend`))
  }
  return errors
}

const badInPath = ['//', '/./', '/../', '%2f', '%2F']
const badAtEnd = ['/..', '/.']

function validateExactPath(path: string, field: string): FieldError[] {
  return [
    ...badInPath
      .filter((part) => path.includes(part))
      .map((part) => invalidValue(field, path, `must not contain '${part}'`)),
    ...badAtEnd
      .filter((part) => path.endsWith(part))
      .map((part) => invalidValue(field, path, `cannot end with '${part}'`)),
  ]
}

function validateBackend(backend: JsonObject, at: string): FieldError[] {
  const service = optionalObject(backend, 'service')
  const resource = optionalObject(backend, 'resource')
  if (service !== null && resource !== null) {
    return [invalidValue(at, '', 'cannot set both resource and service backends')]
  }
  if (service === null)
    return resource === null ? [invalidValue(at, '', 'resource or service backend is required')] : []
  const errors: FieldError[] = []
  const name = stringOf(service, 'name')
  if (name === '') errors.push(required(`${at}.service.name`))
  else errors.push(...dns1123Label(name).map((why) => invalidValue(`${at}.service.name`, name, why)))
  const port = optionalObject(service, 'port')
  const number = numberOf(port, 'number')
  const portText = stringOf(port, 'name')
  if (number !== undefined && portText !== '') {
    errors.push(invalidValue(at, '', 'cannot set both port name & port number'))
  } else if (number === undefined && portText === '') {
    errors.push(required(at, 'port name or number is required'))
  } else if (portText !== '') {
    errors.push(...portName(portText).map((why) => invalidValue(`${at}.service.port.name`, portText, why)))
  } else if (number !== undefined) {
    errors.push(...portNumber(number).map((why) => invalidValue(`${at}.service.port.number`, number, why)))
  }
  return errors
}

/** A path with a domain, as `acme.io/foo`. */
export function validateIngressClass(object: JsonObject): FieldError[] {
  const spec = optionalObject(object, 'spec')
  const controller = stringOf(spec, 'controller')
  if (controller === '') return [required('spec.controller')]
  const [domain = '', ...path] = controller.split('/')
  if (path.length > 0 && dns1123Subdomain(domain).length === 0) return []
  return [invalidValue('spec.controller', controller, 'must be a domain-prefixed path (such as "acme.io/foo")')]
}

export function validateIngressClassUpdate(object: JsonObject, old: JsonObject): FieldError[] {
  const [now, before] = [optionalObject(object, 'spec'), optionalObject(old, 'spec')]
  return now?.controller === before?.controller
    ? []
    : [invalidValue('spec.controller', stringOf(now, 'controller'), immutableMessage)]
}
