import { childObject, objectList, optionalObject, setDefault } from '../../types/json.ts'
import type { JsonObject } from '../../types/objects.ts'
import { GatewayClasses, Gateways, HttpRoutes } from '../../types/resources.ts'
import type { KindRules } from '../core/strategy.ts'
import { validateGateway, validateGatewayClass, validateHttpRoute } from './validate-gateway.ts'

const GROUP = 'gateway.networking.k8s.io'
const CONTROLLER_PENDING = {
  lastTransitionTime: '1970-01-01T00:00:00Z',
  message: 'Waiting for controller',
  reason: 'Pending',
  status: 'Unknown',
}

/** Defaults of the Gateway API's CRDs, standard channel v1. */
export const gatewayClasses: KindRules = {
  type: GatewayClasses,
  shortNames: ['gc'],
  categories: ['gateway-api'],
  hasStatus: true,
  generation: 'everything',
  prepareForCreate(object) {
    object.status = { conditions: [{ ...CONTROLLER_PENDING, type: 'Accepted' }] }
  },
  validate: validateGatewayClass,
}

export const gateways: KindRules = {
  type: Gateways,
  shortNames: ['gtw'],
  categories: ['gateway-api'],
  hasStatus: true,
  generation: 'everything',
  defaults(object) {
    for (const listener of objectList(optionalObject(object, 'spec'), 'listeners')) {
      setDefault(childObject(childObject(listener, 'allowedRoutes'), 'namespaces'), 'from', 'Same')
      const tls = optionalObject(listener, 'tls')
      if (tls === null) continue
      setDefault(tls, 'mode', 'Terminate')
      for (const reference of objectList(tls, 'certificateRefs')) {
        setDefault(reference, 'group', '')
        setDefault(reference, 'kind', 'Secret')
      }
    }
  },
  prepareForCreate(object) {
    const conditions = ['Accepted', 'Programmed'].map((type) => ({ ...CONTROLLER_PENDING, type }))
    object.status = { conditions }
  },
  validate: validateGateway,
}

export const httpRoutes: KindRules = {
  type: HttpRoutes,
  categories: ['gateway-api'],
  hasStatus: true,
  generation: 'everything',
  defaults(object) {
    const spec = childObject(object, 'spec')
    for (const parent of objectList(spec, 'parentRefs')) {
      setDefault(parent, 'group', GROUP)
      setDefault(parent, 'kind', 'Gateway')
    }
    setDefault(spec, 'rules', [{}])
    for (const rule of objectList(spec, 'rules')) defaultRule(rule)
  },
  prepareForCreate(object) {
    delete object.status
  },
  validate: validateHttpRoute,
}

function defaultRule(rule: JsonObject): void {
  setDefault(rule, 'matches', [{}])
  for (const match of objectList(rule, 'matches')) {
    const path = childObject(match, 'path')
    setDefault(path, 'type', 'PathPrefix')
    setDefault(path, 'value', '/')
    for (const value of [...objectList(match, 'headers'), ...objectList(match, 'queryParams')]) {
      setDefault(value, 'type', 'Exact')
    }
  }
  for (const backend of objectList(rule, 'backendRefs')) {
    setDefault(backend, 'group', '')
    setDefault(backend, 'kind', 'Service')
    setDefault(backend, 'weight', 1)
  }
}
