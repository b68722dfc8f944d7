import { isDeepStrictEqual } from 'node:util'
import type { KindRules } from '../core/strategy.ts'
import type { JsonObject } from '../objects.ts'
import { EndpointSlices, Endpoints, IngressClasses, Ingresses, NetworkPolicies, Services } from '../resources.ts'
import { dns1123Label } from '../validation/names.ts'
import { childObject, objectList, optionalObject, setDefault, startStatus, stringList, stringOf } from './json.ts'
import { validateEndpointSlice, validateEndpointSliceUpdate } from './validate-endpoint-slice.ts'
import { validateNetworkPolicy } from './validate-network-policy.ts'
import {
  ingressWarnings,
  validateIngress,
  validateIngressClass,
  validateIngressClassUpdate,
  validateIngressCreate,
} from './validate-networking.ts'
import { serviceWarnings, validateService, validateServiceUpdate } from './validate-service.ts'

export const services: KindRules = {
  type: Services,
  shortNames: ['svc'],
  categories: ['all'],
  hasStatus: true,
  returnsDeleted: true,
  createsOnUpdate: true,
  zero: { spec: {}, status: { loadBalancer: {} } },
  validateName: dns1123Label,
  defaults(object) {
    const spec = childObject(object, 'spec')
    setDefault(spec, 'type', 'ClusterIP')
    setDefault(spec, 'sessionAffinity', 'None')
    if (spec.sessionAffinity === 'ClientIP') {
      setDefault(childObject(childObject(spec, 'sessionAffinityConfig'), 'clientIP'), 'timeoutSeconds', 10800)
    }
    const external = spec.type === 'NodePort' || spec.type === 'LoadBalancer'
    if (external || stringList(spec, 'externalIPs').length > 0) setDefault(spec, 'externalTrafficPolicy', 'Cluster')
    if (spec.type === 'LoadBalancer') setDefault(spec, 'allocateLoadBalancerNodePorts', true)
    if (spec.type !== 'ExternalName') setDefault(spec, 'internalTrafficPolicy', 'Cluster')
    for (const port of objectList(spec, 'ports')) {
      setDefault(port, 'protocol', 'TCP')
      if (port.targetPort === undefined || port.targetPort === 0 || port.targetPort === '') port.targetPort = port.port
    }
  },
  prepareForCreate(object, context) {
    startStatus(object, { loadBalancer: {} })
    giveClusterIp(childObject(object, 'spec'), null, context.allocateClusterIp)
  },
  prepareForUpdate(object, old, context) {
    dropTypeDependent(childObject(object, 'spec'))
    keepAddressesTogether(childObject(object, 'spec'), childObject(old, 'spec'))
    giveClusterIp(childObject(object, 'spec'), childObject(old, 'spec'), context.allocateClusterIp)
  },
  validate: validateService,
  warnings: serviceWarnings,
  validateUpdate: validateServiceUpdate,
  fieldLabels: {
    'spec.clusterIP': (object) => stringOf(optionalObject(object as unknown as JsonObject, 'spec'), 'clusterIP'),
    'spec.type': (object) => stringOf(optionalObject(object as unknown as JsonObject, 'spec'), 'type'),
  },
}

/** What belongs to a type that the service does not have (any more). */
function dropTypeDependent(spec: JsonObject): void {
  const external =
    spec.type === 'NodePort' || spec.type === 'LoadBalancer' || stringList(spec, 'externalIPs').length > 0
  if (!external && spec.externalTrafficPolicy === 'Cluster') delete spec.externalTrafficPolicy
  if (spec.type === 'ExternalName' && spec.internalTrafficPolicy === 'Cluster') delete spec.internalTrafficPolicy
}

/** A writer that changes one of `clusterIP` and `clusterIPs` means both. Reference: rest/service.normalizeClusterIPs. */
function keepAddressesTogether(spec: JsonObject, old: JsonObject): void {
  const [ip, before] = [stringOf(spec, 'clusterIP'), stringOf(old, 'clusterIP')]
  const [list, listBefore] = [stringList(spec, 'clusterIPs'), stringList(old, 'clusterIPs')]
  const sameList = isDeepStrictEqual(list, listBefore)
  if (ip !== before && sameList) {
    if (ip === '') delete spec.clusterIPs
    else spec.clusterIPs = [ip, ...list.slice(1)]
  } else if (ip === before && !sameList && list.length === 0) delete spec.clusterIP
}

/** Every service but ExternalName has one; an update that does not name it keeps it. */
function giveClusterIp(spec: JsonObject, old: JsonObject | null, allocate: () => string): void {
  if (spec.type === 'ExternalName') {
    for (const key of ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy']) delete spec[key]
    return
  }
  const before = old === null ? '' : stringOf(old, 'clusterIP')
  const list = stringList(spec, 'clusterIPs')
  const given = stringOf(spec, 'clusterIP') || list[0] || before
  spec.clusterIP = given === '' ? allocate() : given
  if (list.length === 0) spec.clusterIPs = [spec.clusterIP]
  if (spec.clusterIP === 'None' && optionalObject(spec, 'selector') === null) {
    setDefault(spec, 'ipFamilies', ['IPv4', 'IPv6'])
    setDefault(spec, 'ipFamilyPolicy', 'RequireDualStack')
  }
  setDefault(spec, 'ipFamilies', ['IPv4'])
  setDefault(spec, 'ipFamilyPolicy', 'SingleStack')
}

export const endpoints: KindRules = { type: Endpoints, shortNames: ['ep'], createsOnUpdate: true }

export const ingresses: KindRules = {
  type: Ingresses,
  shortNames: ['ing'],
  hasStatus: true,
  generation: 'spec',
  zero: { spec: {}, status: { loadBalancer: {} } },
  prepareForCreate: (object) => startStatus(object, { loadBalancer: {} }),
  validate: validateIngress,
  validateCreate: validateIngressCreate,
  warnings: ingressWarnings,
}

export const ingressClasses: KindRules = {
  type: IngressClasses,
  generation: 'spec',
  zero: { spec: {} },
  defaults(object) {
    const parameters = optionalObject(optionalObject(object, 'spec'), 'parameters')
    if (parameters !== null) setDefault(parameters, 'scope', 'Cluster')
  },
  validate: validateIngressClass,
  validateUpdate: validateIngressClassUpdate,
}

export const networkPolicies: KindRules = {
  type: NetworkPolicies,
  shortNames: ['netpol'],
  generation: 'spec',
  zero: { spec: { podSelector: {} } },
  defaults(object) {
    const spec = childObject(object, 'spec')
    setDefault(spec, 'podSelector', {})
    if (spec.policyTypes === undefined) {
      spec.policyTypes = spec.egress === undefined ? ['Ingress'] : ['Ingress', 'Egress']
    }
    for (const rule of [...objectList(spec, 'ingress'), ...objectList(spec, 'egress')]) {
      for (const port of objectList(rule, 'ports')) setDefault(port, 'protocol', 'TCP')
    }
  },
  validate: validateNetworkPolicy,
}

export const endpointSlices: KindRules = {
  type: EndpointSlices,
  generation: 'everything',
  zero: { endpoints: null, ports: null, addressType: '' },
  defaults(object) {
    // As what is stored in Protocol Buffers comes back: an empty list is none.
    for (const key of ['endpoints', 'ports']) if (objectList(object, key).length === 0) object[key] = null
    for (const port of objectList(object, 'ports')) {
      setDefault(port, 'name', '')
      setDefault(port, 'protocol', 'TCP')
    }
    for (const endpoint of objectList(object, 'endpoints')) setDefault(endpoint, 'conditions', {})
  },
  validate: validateEndpointSlice,
  validateUpdate: validateEndpointSliceUpdate,
}
