import { isIP } from 'node:net'
import type { FieldError } from '../../types/errors.ts'
import { numberOf, objectList, optionalObject, stringList, stringOf } from '../../types/json.ts'
import type { JsonObject } from '../../types/objects.ts'
import { forbiddenField, invalidValue, notSupported, required, validateAddress } from '../validation/fields.ts'
import { dns1123Subdomain, qualifiedName } from '../validation/names.ts'
import { needsHealthCheckPort } from './service-allocation.ts'

const onlyLoadBalancers = "may only be used when `type` is 'LoadBalancer'"
const ipModes = ['Proxy', 'VIP']

/** What only Services of type LoadBalancer may say. Reference: pkg/apis/core/validation.ValidateService. */
export function validateLoadBalancer(spec: JsonObject, type: string): FieldError[] {
  const errors: FieldError[] = []
  const ranges = stringList(spec, 'loadBalancerSourceRanges')
  if (ranges.length > 0 && type !== 'LoadBalancer') {
    errors.push(forbiddenField('spec.LoadBalancerSourceRanges', onlyLoadBalancers))
  } else errors.push(...ranges.flatMap(validateRange))
  if (spec.allocateLoadBalancerNodePorts !== undefined && type !== 'LoadBalancer') {
    errors.push(forbiddenField('spec.allocateLoadBalancerNodePorts', onlyLoadBalancers))
  }
  const name = spec.loadBalancerClass
  if (name !== undefined) {
    if (type !== 'LoadBalancer') errors.push(forbiddenField('spec.loadBalancerClass', onlyLoadBalancers))
    else errors.push(...qualifiedName(String(name)).map((why) => invalidValue('spec.loadBalancerClass', name, why)))
  }
  const port = numberOf(spec, 'healthCheckNodePort') ?? 0
  if (port !== 0 && !needsHealthCheckPort(spec)) {
    const why = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
    errors.push(invalidValue('spec.healthCheckNodePort', port, why))
  }
  return errors
}

function validateRange(text: string, index: number): FieldError[] {
  const [address = '', bits = '', ...more] = text.split('/')
  const most = isIP(address) === 4 ? 32 : 128
  if (isIP(address) !== 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= most && more.length === 0) return []
  const why = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'
  return [invalidValue(`spec.LoadBalancerSourceRanges[${index}]`, text, why)]
}

/** Reference: pkg/apis/core/validation.ValidateLoadBalancerStatus. */
export function validateLoadBalancerStatus(object: JsonObject): FieldError[] {
  const spec = optionalObject(object, 'spec')
  const ingress = objectList(optionalObject(optionalObject(object, 'status'), 'loadBalancer'), 'ingress')
  const at = 'status.loadBalancer.ingress'
  if (ingress.length > 0 && spec?.type !== 'LoadBalancer') {
    return [forbiddenField(at, "may only be used when `spec.type` is 'LoadBalancer'")]
  }
  return ingress.flatMap((entry, index) => validateServicePoint(entry, `${at}[${index}]`))
}

/** Where an Ingress is reached. Reference: pkg/apis/networking/validation.ValidateIngressLoadBalancerStatus. */
export function validateIngressPoints(object: JsonObject): FieldError[] {
  const ingress = objectList(optionalObject(optionalObject(object, 'status'), 'loadBalancer'), 'ingress')
  return ingress.flatMap((entry, index) => validatePoint(entry, `status.loadBalancer.ingress[${index}]`))
}

function validateServicePoint(entry: JsonObject, at: string): FieldError[] {
  const [ip, mode] = [stringOf(entry, 'ip'), entry.ipMode]
  const errors: FieldError[] = []
  if (ip === '' && mode !== undefined)
    errors.push(forbiddenField(`${at}.ipMode`, 'may not be specified when `ip` is not set'))
  if (ip !== '' && mode === undefined) errors.push(required(`${at}.ipMode`, 'must be specified when `ip` is set'))
  else if (mode !== undefined && !ipModes.includes(String(mode)))
    errors.push(notSupported(`${at}.ipMode`, mode, ipModes))
  return [...errors, ...validatePoint(entry, at)]
}

function validatePoint(entry: JsonObject, at: string): FieldError[] {
  const [ip, hostname] = [stringOf(entry, 'ip'), stringOf(entry, 'hostname')]
  const errors = ip === '' ? [] : validateAddress(ip, `${at}.ip`)
  if (hostname !== '') {
    errors.push(...dns1123Subdomain(hostname).map((why) => invalidValue(`${at}.hostname`, hostname, why)))
    if (isIP(hostname) !== 0) {
      errors.push(invalidValue(`${at}.hostname`, hostname, 'must be a DNS name, not an IP address'))
    }
  }
  return errors
}
