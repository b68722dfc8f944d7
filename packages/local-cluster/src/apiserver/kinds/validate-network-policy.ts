import { isIP } from 'node:net'
import type { FieldError } from '../../types/errors.ts'
import { numberOf, objectList, optionalObject, stringList, stringOf } from '../../types/json.ts'
import type { JsonObject } from '../../types/objects.ts'
import { invalidValue, notSupported, required } from '../validation/fields.ts'
import { validateLabelSelector } from '../validation/label-selector.ts'
import { portName, portNumber } from '../validation/names.ts'

const policyTypes = ['Ingress', 'Egress']
const protocols = ['TCP', 'UDP', 'SCTP']

export function validateNetworkPolicy(object: JsonObject): FieldError[] {
  const spec = optionalObject(object, 'spec') ?? {}
  const errors = validateLabelSelector(optionalObject(spec, 'podSelector'), 'spec.podSelector')
  for (const [index, type] of stringList(spec, 'policyTypes').entries()) {
    if (!policyTypes.includes(type)) errors.push(notSupported(`spec.policyTypes[${index}]`, type, policyTypes))
  }
  const types = stringList(spec, 'policyTypes')
  if (types.length > policyTypes.length) {
    errors.push(invalidValue('spec.policyTypes', types, 'may not specify more than two policyTypes'))
  }
  for (const [direction, peers] of [
    ['ingress', 'from'],
    ['egress', 'to'],
  ] as const) {
    for (const [index, rule] of objectList(spec, direction).entries()) {
      for (const [i, port] of objectList(rule, 'ports').entries()) {
        errors.push(...validatePort(port, `spec.${direction}[${index}].ports[${i}]`))
      }
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
    errors.push(...validateBlock(block, `${at}.ipBlock`))
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

function validatePort(port: JsonObject, at: string): FieldError[] {
  const errors: FieldError[] = []
  const protocol = stringOf(port, 'protocol')
  if (!protocols.includes(protocol)) errors.push(notSupported(`${at}.protocol`, protocol, protocols))
  const [number, end] = [port.port, numberOf(port, 'endPort')]
  if (typeof number === 'number') {
    errors.push(...portNumber(number).map((why) => invalidValue(`${at}.port`, number, why)))
    if (end !== undefined && end < number) {
      errors.push(invalidValue(`${at}.endPort`, number, 'must be greater than or equal to `port`'))
    }
  } else if (typeof number === 'string') {
    errors.push(...portName(number).map((why) => invalidValue(`${at}.port`, number, why)))
    if (end !== undefined)
      errors.push(invalidValue(`${at}.endPort`, end, 'may not be specified when `port` is non-numeric'))
  } else if (end !== undefined) {
    errors.push(invalidValue(`${at}.endPort`, end, 'may not be specified when `port` is not specified'))
  }
  return errors
}

function validateBlock(block: JsonObject, at: string): FieldError[] {
  const cidr = stringOf(block, 'cidr')
  if (cidr === '') return [required(`${at}.cidr`)]
  const errors = validateCidr(cidr, `${at}.cidr`)
  if (errors.length > 0) return errors
  for (const [index, except] of stringList(block, 'except').entries()) {
    const field = `${at}.except[${index}]`
    const wrong = validateCidr(except, field)
    errors.push(...wrong)
    if (wrong.length === 0 && !isInside(except, cidr)) {
      errors.push(invalidValue(field, except, 'must be a strict subset of `cidr`'))
    }
  }
  return errors
}

/** The bits of an IPv4 network; null for other text. IPv6 is taken as it is. */
function readCidr(cidr: string): { bits: bigint; length: number } | null {
  const [address = '', length = ''] = cidr.split('/')
  if (isIP(address) !== 4 || !/^\d+$/.test(length) || Number(length) > 32) return null
  const bits = address.split('.').reduce((sum, part) => (sum << 8n) | BigInt(part), 0n)
  return { bits, length: Number(length) }
}

function validateCidr(cidr: string, field: string): FieldError[] {
  const read = readCidr(cidr)
  if (read === null) {
    const [address = '', length = ''] = cidr.split('/')
    if (isIP(address) === 6 && /^\d+$/.test(length) && Number(length) <= 128) return []
    return [invalidValue(field, cidr, 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)')]
  }
  const host = read.bits & ((1n << BigInt(32 - read.length)) - 1n)
  return host === 0n ? [] : [invalidValue(field, cidr, 'must not have bits set beyond the prefix length')]
}

function isInside(inner: string, outer: string): boolean {
  const [a, b] = [readCidr(inner), readCidr(outer)]
  if (a === null || b === null) return true
  return a.length > b.length && a.bits >> BigInt(32 - b.length) === b.bits >> BigInt(32 - b.length)
}
