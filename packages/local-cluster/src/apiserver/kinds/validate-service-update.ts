import type { FieldError } from '../../types/errors.ts'
import { optionalObject, stringList, stringOf } from '../../types/json.ts'
import type { JsonObject } from '../../types/objects.ts'
import { forbiddenField, immutableMessage, invalidValue } from '../validation/fields.ts'
import { needsHealthCheckPort } from './service-allocation.ts'
import { validateLoadBalancerStatus } from './validate-load-balancer.ts'

export function validateServiceUpdate(object: JsonObject, old: JsonObject): FieldError[] {
  const [now, before] = [optionalObject(object, 'spec') ?? {}, optionalObject(old, 'spec') ?? {}]
  const errors: FieldError[] = []
  const keeps = now.type !== 'ExternalName' && before.type !== 'ExternalName'
  if (keeps && stringOf(before, 'clusterIP') !== '' && now.clusterIP !== before.clusterIP) {
    errors.push(invalidValue('spec.clusterIPs[0]', stringList(now, 'clusterIPs'), 'may not change once set'))
  }
  const stays = now.type === 'LoadBalancer' && before.type === 'LoadBalancer'
  if (stays && before.loadBalancerClass !== undefined && now.loadBalancerClass !== before.loadBalancerClass) {
    errors.push(invalidValue('spec.loadBalancerClass', now.loadBalancerClass ?? null, 'may not change once set'))
  }
  const checked = needsHealthCheckPort(before) && needsHealthCheckPort(now)
  if (checked && now.healthCheckNodePort !== before.healthCheckNodePort) {
    errors.push(forbiddenField('spec.healthCheckNodePort', immutableMessage))
  }
  return errors
}

export function validateServicePart(part: string, object: JsonObject): FieldError[] {
  return part === 'status' ? validateLoadBalancerStatus(object) : []
}

export function serviceWarnings(object: JsonObject): string[] {
  const spec = optionalObject(object, 'spec')
  const out: string[] = []
  if (stringList(spec, 'externalIPs').length > 0) {
    out.push('spec.externalIPs is deprecated and may no longer be implemented in some clusters')
  }
  if (stringOf(spec, 'externalName') !== '' && spec?.type !== 'ExternalName') {
    out.push('spec.externalName is ignored when spec.type is not "ExternalName"')
  }
  if (spec?.trafficDistribution === 'PreferClose') {
    out.push('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"')
  }
  return out
}
