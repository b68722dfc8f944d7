import {
  childObject,
  objectList,
  optionalObject,
  setDefault,
  startStatus,
  stringList,
  stringOf,
} from '../../types/json.ts'
import type { JsonObject } from '../../types/objects.ts'
import { Services } from '../../types/resources.ts'
import type { KindRules } from '../core/strategy.ts'
import { dns1123Label } from '../validation/names.ts'
import {
  alignClusterIps,
  allocateService,
  dropOfOtherType,
  giveClusterIp,
  keepAllocated,
} from './service-allocation.ts'
import { validateService } from './validate-service.ts'
import { serviceWarnings, validateServicePart, validateServiceUpdate } from './validate-service-update.ts'

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
    } else if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig
    const external = spec.type === 'NodePort' || spec.type === 'LoadBalancer'
    if (external || stringList(spec, 'externalIPs').length > 0) setDefault(spec, 'externalTrafficPolicy', 'Cluster')
    if (spec.type === 'LoadBalancer') setDefault(spec, 'allocateLoadBalancerNodePorts', true)
    if (spec.type !== 'ExternalName') setDefault(spec, 'internalTrafficPolicy', 'Cluster')
    for (const port of objectList(spec, 'ports')) {
      setDefault(port, 'protocol', 'TCP')
      if (port.nodePort === 0) delete port.nodePort
      if (port.targetPort === undefined || port.targetPort === 0 || port.targetPort === '') port.targetPort = port.port
    }
  },
  statusDefaults(object) {
    for (const entry of objectList(optionalObject(optionalObject(object, 'status'), 'loadBalancer'), 'ingress')) {
      if (stringOf(entry, 'ip') !== '') setDefault(entry, 'ipMode', 'VIP')
    }
  },
  prepareForCreate(object, context) {
    startStatus(object, { loadBalancer: {} })
    giveClusterIp(childObject(object, 'spec'), null, context)
  },
  prepareForUpdate(object, old, context) {
    const [spec, before] = [childObject(object, 'spec'), optionalObject(old, 'spec') ?? {}]
    // What the object has in common with the stored one is that one's own, and here it is changed.
    object.spec = structuredClone(spec)
    const own = childObject(object, 'spec')
    alignClusterIps(own, before)
    keepAllocated(own, before)
    dropOfOtherType(own, before)
    giveClusterIp(own, before, context)
    // What led to a load balancer goes with the type.
    if (own.type !== 'LoadBalancer' && before.type === 'LoadBalancer') object.status = { loadBalancer: {} }
  },
  allocate: allocateService,
  validate: validateService,
  warnings: serviceWarnings,
  validateUpdate: validateServiceUpdate,
  validatePart: validateServicePart,
  fieldLabels: {
    'spec.clusterIP': (object) => stringOf(optionalObject(object as unknown as JsonObject, 'spec'), 'clusterIP'),
    'spec.type': (object) => stringOf(optionalObject(object as unknown as JsonObject, 'spec'), 'type'),
  },
}
