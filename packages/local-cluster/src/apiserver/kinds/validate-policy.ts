import type { FieldError } from '../../types/errors.ts'
import { optionalObject } from '../../types/json.ts'
import type { JsonObject } from '../../types/objects.ts'
import { invalidText, notSupported } from '../validation/fields.ts'
import { validateLabelSelector } from '../validation/label-selector.ts'
import { validateIntOrPercent, validateMostPercent } from './validate-workloads.ts'

const evictionPolicies = ['AlwaysAllow', 'IfHealthyBudget']

export function validateDisruptionBudget(object: JsonObject): FieldError[] {
  const spec = optionalObject(object, 'spec') ?? {}
  const errors: FieldError[] = []
  if (spec.minAvailable !== undefined && spec.maxUnavailable !== undefined) {
    const text = JSON.stringify({
      MinAvailable: spec.minAvailable,
      Selector: spec.selector ?? null,
      MaxUnavailable: spec.maxUnavailable,
      UnhealthyPodEvictionPolicy: spec.unhealthyPodEvictionPolicy ?? null,
    })
    errors.push(invalidText('spec', text, 'minAvailable and maxUnavailable cannot be both set'))
  }
  for (const key of ['minAvailable', 'maxUnavailable']) {
    errors.push(...validateIntOrPercent(spec[key], `spec.${key}`), ...validateMostPercent(spec[key], `spec.${key}`))
  }
  const evictions = spec.unhealthyPodEvictionPolicy
  if (evictions !== undefined && !evictionPolicies.includes(String(evictions))) {
    errors.push(notSupported('spec.unhealthyPodEvictionPolicy', evictions, evictionPolicies))
  }
  errors.push(...validateLabelSelector(optionalObject(spec, 'selector'), 'spec.selector'))
  return errors
}
