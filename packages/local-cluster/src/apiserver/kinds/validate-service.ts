import { isIP } from 'node:net'
import type { FieldError } from '../../types/errors.ts'
import { numberOf, objectList, optionalObject, stringList, stringMap, stringOf } from '../../types/json.ts'
import type { JsonObject } from '../../types/objects.ts'
import {
  duplicate,
  duplicateText,
  forbiddenField,
  invalidValue,
  notSupported,
  required,
  validateAddress,
} from '../validation/fields.ts'
import { validateLabels } from '../validation/metadata.ts'
import { dns1123Label, dns1123Subdomain, portName, portNumber, qualifiedName } from '../validation/names.ts'
import { validateLoadBalancer } from './validate-load-balancer.ts'

const serviceTypes = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']
const protocols = ['SCTP', 'TCP', 'UDP']
const affinities = ['ClientIP', 'None']
const families = ['IPv4', 'IPv6']
const familyPolicies = ['PreferDualStack', 'RequireDualStack', 'SingleStack']
const trafficPolicies = ['Cluster', 'Local']
const distributions = ['PreferClose', 'PreferSameZone', 'PreferSameNode']
const longestAffinitySeconds = 86_400

/** Reference: pkg/apis/core/validation.ValidateService. */
export function validateService(object: JsonObject): FieldError[] {
  const spec = optionalObject(object, 'spec') ?? {}
  const ports = objectList(spec, 'ports')
  const type = stringOf(spec, 'type')
  const errors: FieldError[] = []
  if (ports.length === 0 && spec.clusterIP !== 'None' && type !== 'ExternalName') errors.push(required('spec.ports'))
  if (!serviceTypes.includes(type)) errors.push(notSupported('spec.type', type, serviceTypes))
  if (type === 'ExternalName') errors.push(...validateExternalName(stringOf(spec, 'externalName')))
  errors.push(...validateServicePorts(ports, type), ...validateLabels(stringMap(spec, 'selector'), 'spec.selector'))
  errors.push(...validateAffinity(spec), ...validateAddresses(spec, type), ...validateTraffic(spec, type))
  errors.push(...validateLoadBalancer(spec, type))
  return errors
}

function validateExternalName(name: string): FieldError[] {
  if (name === '') return [required('spec.externalName')]
  return dns1123Subdomain(name.replace(/\.$/, '')).map((why) => invalidValue('spec.externalName', name, why))
}

function validateAffinity(spec: JsonObject): FieldError[] {
  const affinity = stringOf(spec, 'sessionAffinity')
  if (!affinities.includes(affinity)) return [notSupported('spec.sessionAffinity', spec.sessionAffinity, affinities)]
  const client = optionalObject(optionalObject(spec, 'sessionAffinityConfig'), 'clientIP')
  const seconds = numberOf(client, 'timeoutSeconds')
  if (seconds === undefined || (seconds > 0 && seconds <= longestAffinitySeconds)) return []
  const why = `must be greater than 0 and less than ${longestAffinitySeconds}`
  return [invalidValue('spec.sessionAffinityConfig.clientIP.timeoutSeconds', seconds, why)]
}

/** Of this cluster: one family of addresses, IPv4. */
function validateAddresses(spec: JsonObject, type: string): FieldError[] {
  const errors: FieldError[] = []
  const ip = stringOf(spec, 'clusterIP')
  const ips = stringList(spec, 'clusterIPs')
  if (type === 'ExternalName') {
    return ips.length === 0 && ip === ''
      ? []
      : [forbiddenField('spec.clusterIPs', 'may not be set for ExternalName services')]
  }
  if (ip === '' && ips.length > 0) {
    errors.push(invalidValue('spec.clusterIPs', ips, 'must be empty when `clusterIP` is not specified'))
  } else if (ips[0] !== undefined && ips[0] !== ip) {
    errors.push(invalidValue('spec.clusterIPs', ips, 'first value must match `clusterIP`'))
  }
  if (ips.length > 1) {
    errors.push(invalidValue('spec.clusterIPs', ips, 'may specify no more than one IP for each IP family'))
  }
  if (ip === 'None' && type !== 'ClusterIP') {
    errors.push(invalidValue('spec.clusterIPs[0]', ip, `may not be set to 'None' for ${type} services`))
  }
  if (ip !== '' && ip !== 'None' && isIP(ip) === 0) errors.push(...validateAddress(ip, 'spec.clusterIPs[0]'))
  const headless = ip === 'None' && optionalObject(spec, 'selector') === null
  for (const [index, family] of stringList(spec, 'ipFamilies').entries()) {
    const at = `spec.ipFamilies[${index}]`
    if (!families.includes(family)) errors.push(notSupported(at, family, families))
    else if (family === 'IPv6' && !headless) errors.push(invalidValue(at, family, 'not configured on this cluster'))
  }
  const policy = stringOf(spec, 'ipFamilyPolicy')
  if (policy !== '' && !familyPolicies.includes(policy)) {
    errors.push(notSupported('spec.ipFamilyPolicy', policy, familyPolicies))
  } else if (policy === 'RequireDualStack' && !headless) {
    const why = 'this cluster is not configured for dual-stack services'
    errors.push(invalidValue('spec.ipFamilyPolicy', policy, why))
  }
  for (const [index, address] of stringList(spec, 'externalIPs').entries()) {
    errors.push(...validateAddress(address, `spec.externalIPs[${index}]`))
  }
  return errors
}

function validateTraffic(spec: JsonObject, type: string): FieldError[] {
  const errors: FieldError[] = []
  const [internal, external] = [spec.internalTrafficPolicy, spec.externalTrafficPolicy]
  const reachable = type === 'NodePort' || type === 'LoadBalancer' || stringList(spec, 'externalIPs').length > 0
  if (external !== undefined && !reachable) {
    const why = 'may only be set for externally-accessible services'
    errors.push(invalidValue('spec.externalTrafficPolicy', external, why))
  } else if (external !== undefined && !trafficPolicies.includes(String(external))) {
    errors.push(notSupported('spec.externalTrafficPolicy', external, trafficPolicies))
  }
  if (internal !== undefined && !trafficPolicies.includes(String(internal))) {
    errors.push(notSupported('spec.internalTrafficPolicy', internal, trafficPolicies))
  }
  const distribution = spec.trafficDistribution
  if (distribution !== undefined && !distributions.includes(String(distribution))) {
    errors.push(notSupported('spec.trafficDistribution', distribution, distributions))
  }
  return errors
}

function validateServicePorts(ports: JsonObject[], type: string): FieldError[] {
  const [names, numbers] = [new Set<string>(), new Set<string>()]
  const errors = ports.flatMap((port, index) => validateServicePort(port, index, ports.length, names))
  for (const [index, port] of ports.entries()) {
    if (type === 'ClusterIP' && (numberOf(port, 'nodePort') ?? 0) !== 0) {
      errors.push(forbiddenField(`spec.ports[${index}].nodePort`, "may not be used when `type` is 'ClusterIP'"))
    }
  }
  for (const [index, port] of ports.entries()) {
    const key = `${stringOf(port, 'protocol')}/${port.port}`
    if (numbers.has(key)) errors.push(duplicateText(`spec.ports[${index}]`, goPort(port)))
    numbers.add(key)
  }
  return errors
}

/** What makes two ports equal, as Go prints its struct inside an error. */
function goPort(port: JsonObject): string {
  return JSON.stringify({
    Name: '',
    Protocol: port.protocol,
    AppProtocol: null,
    Port: port.port,
    TargetPort: 0,
    NodePort: 0,
  })
}

function validateServicePort(port: JsonObject, index: number, all: number, names: Set<string>): FieldError[] {
  const at = `spec.ports[${index}]`
  const errors: FieldError[] = []
  const name = stringOf(port, 'name')
  if (name === '' && all > 1) errors.push(required(`${at}.name`))
  if (name !== '') {
    errors.push(...dns1123Label(name).map((why) => invalidValue(`${at}.name`, name, why)))
    if (names.has(name)) errors.push(duplicate(`${at}.name`, name))
    names.add(name)
  }
  const number = numberOf(port, 'port') ?? 0
  errors.push(...portNumber(number).map((why) => invalidValue(`${at}.port`, number, why)))
  if (!protocols.includes(stringOf(port, 'protocol')))
    errors.push(notSupported(`${at}.protocol`, port.protocol, protocols))
  const target = port.targetPort ?? number
  if (typeof target === 'number') {
    errors.push(...portNumber(target).map((why) => invalidValue(`${at}.targetPort`, target, why)))
  } else if (typeof target === 'string') {
    errors.push(...portName(target).map((why) => invalidValue(`${at}.targetPort`, target, why)))
  }
  const protocol = port.appProtocol
  if (typeof protocol === 'string') {
    errors.push(...qualifiedName(protocol).map((why) => invalidValue(`${at}.appProtocol`, protocol, why)))
  }
  return errors
}
