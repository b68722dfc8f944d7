import { isIP } from 'node:net'
import type { FieldError } from '../../types/errors.ts'
import { objectList, stringList, stringOf } from '../../types/json.ts'
import type { JsonObject } from '../../types/objects.ts'
import {
  duplicate,
  immutableMessage,
  invalidValue,
  notSupported,
  required,
  validateAddress,
} from '../validation/fields.ts'
import { dns1123Subdomain } from '../validation/names.ts'

const addressTypes = ['FQDN', 'IPv4', 'IPv6']

/**
 * Reference: pkg/apis/discovery/validation. Addresses of the loopback range, which the real server refuses, are what pods have
 * here where they cannot get a network of their own.
 */
export function validateEndpointSlice(object: JsonObject): FieldError[] {
  const type = stringOf(object, 'addressType')
  if (type === '') return [required('addressType')]
  if (!addressTypes.includes(type)) return [notSupported('addressType', type, addressTypes)]
  const errors: FieldError[] = []
  for (const [index, endpoint] of objectList(object, 'endpoints').entries()) {
    const at = `endpoints[${index}].addresses`
    const addresses = stringList(endpoint, 'addresses')
    if (addresses.length === 0) errors.push(required(at, 'must contain at least 1 address'))
    for (const [i, address] of addresses.entries()) errors.push(...validateOfType(address, type, `${at}[${i}]`))
  }
  const names = new Set<string>()
  for (const [index, port] of objectList(object, 'ports').entries()) {
    const name = stringOf(port, 'name')
    if (names.has(name)) errors.push(duplicate(`ports[${index}].name`, name))
    names.add(name)
  }
  return errors
}

export function validateEndpointSliceUpdate(object: JsonObject, old: JsonObject): FieldError[] {
  const type = stringOf(object, 'addressType')
  return type === stringOf(old, 'addressType') ? [] : [invalidValue('addressType', type, immutableMessage)]
}

function validateOfType(address: string, type: string, field: string): FieldError[] {
  if (type === 'FQDN') return dns1123Subdomain(address).map((why) => invalidValue(field, address, why))
  const errors = validateAddress(address, field)
  if (errors.length > 0 || type !== 'IPv4' || isIP(address) === 4) return errors
  return [invalidValue(field, address, 'must be an IPv4 address')]
}
