import { isIP } from 'node:net'
import type { FieldError } from '../errors.ts'
import type { JsonObject } from '../objects.ts'
import { duplicate, immutableMessage, invalidValue, notSupported, required } from '../validation/fields.ts'
import { validateLabelSelector } from '../validation/label-selector.ts'
import { validateLabels } from '../validation/metadata.ts'
import {
  dns1035Label,
  dns1123Label,
  dns1123Subdomain,
  portName,
  portNumber,
  wildcardSubdomain,
} from '../validation/names.ts'
import { numberOf, objectList, optionalObject, stringList, stringMap, stringOf } from './json.ts'

export const validateServiceName = dns1035Label

const serviceTypes = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']
const protocols = ['SCTP', 'TCP', 'UDP']
const affinities = ['ClientIP', 'None']

/** Reference: pkg/apis/core/validation.ValidateService. */
export function validateService(object: JsonObject): FieldError[] {
  const spec = optionalObject(object, 'spec') ?? {}
  const ports = objectList(spec, 'ports')
  const errors: FieldError[] = []
  const type = stringOf(spec, 'type')
  if (!serviceTypes.includes(type)) errors.push(notSupported('spec.type', type, serviceTypes))
  if (ports.length === 0 && spec.clusterIP !== 'None' && type !== 'ExternalName') errors.push(required('spec.ports'))
  if (type === 'ExternalName') {
    const name = stringOf(spec, 'externalName')
    if (name === '') errors.push(required('spec.externalName'))
    else
      errors.push(
        ...dns1123Subdomain(name.replace(/\.$/, '')).map((why) => invalidValue('spec.externalName', name, why)),
      )
  }
  errors.push(...validateServicePorts(ports), ...validateLabels(stringMap(spec, 'selector'), 'spec.selector'))
  if (!affinities.includes(stringOf(spec, 'sessionAffinity'))) {
    errors.push(notSupported('spec.sessionAffinity', spec.sessionAffinity, affinities))
  }
  const ip = stringOf(spec, 'clusterIP')
  if (ip !== '' && ip !== 'None' && isIP(ip) === 0) {
    const why = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'
    errors.push(invalidValue('spec.clusterIPs[0]', ip, why))
  }
  return errors
}

function validateServicePorts(ports: JsonObject[]): FieldError[] {
  const [names, numbers] = [new Set<string>(), new Set<string>()]
  return ports.flatMap((port, index) => {
    const at = `spec.ports[${index}]`
    const errors: FieldError[] = []
    const name = stringOf(port, 'name')
    if (name === '' && ports.length > 1) errors.push(required(`${at}.name`))
    if (name !== '') {
      errors.push(...dns1123Label(name).map((why) => invalidValue(`${at}.name`, name, why)))
      if (names.has(name)) errors.push(duplicate(`${at}.name`, name))
      names.add(name)
    }
    const number = numberOf(port, 'port') ?? 0
    errors.push(...portNumber(number).map((why) => invalidValue(`${at}.port`, number, why)))
    if (!protocols.includes(stringOf(port, 'protocol')))
      errors.push(notSupported(`${at}.protocol`, port.protocol, protocols))
    const target = port.targetPort
    if (typeof target === 'number') {
      errors.push(...portNumber(target).map((why) => invalidValue(`${at}.targetPort`, target, why)))
    } else if (typeof target === 'string') {
      errors.push(...portName(target).map((why) => invalidValue(`${at}.targetPort`, target, why)))
    }
    const key = `${stringOf(port, 'protocol')}/${number}`
    if (numbers.has(key)) errors.push(duplicate(`spec.ports[${index}]`, { port: number, protocol: port.protocol }))
    numbers.add(key)
    return errors
  })
}

export function validateServiceUpdate(object: JsonObject, old: JsonObject): FieldError[] {
  const [now, before] = [optionalObject(object, 'spec') ?? {}, optionalObject(old, 'spec') ?? {}]
  const keeps = now.type !== 'ExternalName' && before.type !== 'ExternalName'
  if (!keeps || stringOf(before, 'clusterIP') === '' || now.clusterIP === before.clusterIP) return []
  const why = 'may not change once set'
  return [invalidValue('spec.clusterIPs[0]', stringList(now, 'clusterIPs')[0], why)]
}

const pathTypes = ['Exact', 'ImplementationSpecific', 'Prefix']

/** Reference: pkg/apis/networking/validation.ValidateIngressCreate. */
export function validateIngress(object: JsonObject): FieldError[] {
  const spec = optionalObject(object, 'spec') ?? {}
  const rules = objectList(spec, 'rules')
  const backend = optionalObject(spec, 'defaultBackend')
  const errors: FieldError[] = []
  if (rules.length === 0 && backend === null) {
    errors.push(invalidValue('spec', [], 'either `defaultBackend` or `rules` must be specified'))
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
  }
  return errors
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
    errors.push(...validateBackend(optionalObject(path, 'backend') ?? {}, `${field}.backend`))
  }
  return errors
}

function validateBackend(backend: JsonObject, at: string): FieldError[] {
  const service = optionalObject(backend, 'service')
  const resource = optionalObject(backend, 'resource')
  if (service !== null && resource !== null) {
    return [invalidValue(at, '', 'cannot set both resource and service backends')]
  }
  if (service === null) return resource === null ? [required(at, 'must specify one of: `service` or `resource`')] : []
  const errors: FieldError[] = []
  const name = stringOf(service, 'name')
  if (name === '') errors.push(required(`${at}.service.name`))
  else errors.push(...dns1035Label(name).map((why) => invalidValue(`${at}.service.name`, name, why)))
  const port = optionalObject(service, 'port')
  const number = numberOf(port, 'number')
  if (number === undefined && stringOf(port, 'name') === '') {
    errors.push(required(at, 'port name or number is required'))
  } else if (number !== undefined) {
    errors.push(...portNumber(number).map((why) => invalidValue(`${at}.service.port.number`, number, why)))
  }
  return errors
}

export function validateIngressClassUpdate(object: JsonObject, old: JsonObject): FieldError[] {
  const [now, before] = [optionalObject(object, 'spec'), optionalObject(old, 'spec')]
  return now?.controller === before?.controller
    ? []
    : [invalidValue('spec.controller', now?.controller, immutableMessage)]
}

const policyTypes = ['Egress', 'Ingress']

export function validateNetworkPolicy(object: JsonObject): FieldError[] {
  const spec = optionalObject(object, 'spec') ?? {}
  const errors = validateLabelSelector(optionalObject(spec, 'podSelector'), 'spec.podSelector')
  for (const [index, type] of stringList(spec, 'policyTypes').entries()) {
    if (!policyTypes.includes(type)) errors.push(notSupported(`spec.policyTypes[${index}]`, type, policyTypes))
  }
  for (const [direction, peers] of [
    ['ingress', 'from'],
    ['egress', 'to'],
  ] as const) {
    for (const [index, rule] of objectList(spec, direction).entries()) {
      for (const [i, peer] of objectList(rule, peers).entries()) {
        errors.push(...validatePeer(peer, `spec.${direction}[${index}].${peers}[${i}]`))
      }
    }
  }
  return errors
}

function validatePeer(peer: JsonObject, at: string): FieldError[] {
  const [pods, namespaces, block] = ['podSelector', 'namespaceSelector', 'ipBlock'].map((key) =>
    optionalObject(peer, key),
  )
  const errors = [
    ...validateLabelSelector(pods ?? null, `${at}.podSelector`),
    ...validateLabelSelector(namespaces ?? null, `${at}.namespaceSelector`),
  ]
  if (block !== null && block !== undefined) {
    const cidr = stringOf(block, 'cidr')
    if (!/^[0-9a-fA-F.:]+\/\d{1,3}$/.test(cidr) || isIP(cidr.split('/')[0] ?? '') === 0) {
      errors.push(
        invalidValue(`${at}.ipBlock.cidr`, cidr, 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'),
      )
    }
    if (pods !== null || namespaces !== null) {
      errors.push({
        reason: 'FieldValueForbidden',
        field: at,
        message: 'Forbidden: may not specify both ipBlock and another peer',
      })
    }
  } else if (pods === null && namespaces === null) errors.push(required(at, 'must specify a peer'))
  return errors
}
