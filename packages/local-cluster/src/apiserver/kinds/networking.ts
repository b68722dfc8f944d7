import { childObject, objectList, optionalObject, setDefault, startStatus } from '../../types/json.ts'
import { EndpointSlices, IngressClasses, Ingresses, NetworkPolicies } from '../../types/resources.ts'
import type { KindRules } from '../core/strategy.ts'
import { validateEndpointSlice, validateEndpointSliceUpdate } from './validate-endpoint-slice.ts'
import { validateIngressPoints } from './validate-load-balancer.ts'
import { validateNetworkPolicy } from './validate-network-policy.ts'
import {
  ingressWarnings,
  validateIngress,
  validateIngressClass,
  validateIngressClassUpdate,
  validateIngressCreate,
} from './validate-networking.ts'

export const ingresses: KindRules = {
  type: Ingresses,
  shortNames: ['ing'],
  hasStatus: true,
  generation: 'spec',
  zero: { spec: {}, status: { loadBalancer: {} } },
  prepareForCreate: (object) => startStatus(object, { loadBalancer: {} }),
  validate: validateIngress,
  validatePart: (part, object) => (part === 'status' ? validateIngressPoints(object) : []),
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
