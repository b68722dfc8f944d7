import type { FieldError } from '../errors.ts'
import type { JsonObject } from '../objects.ts'
import { forbiddenField, invalidText, invalidValue, notSupported } from '../validation/fields.ts'
import { validateLabelSelector } from '../validation/label-selector.ts'
import { numberOf, optionalObject, stringOf } from './json.ts'
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

export function validateLease(object: JsonObject): FieldError[] {
  const spec = optionalObject(object, 'spec') ?? {}
  const seconds = numberOf(spec, 'leaseDurationSeconds')
  const errors: FieldError[] = []
  if (seconds !== undefined && seconds <= 0) {
    errors.push(invalidValue('spec.leaseDurationSeconds', seconds, 'must be greater than 0'))
  }
  const transitions = numberOf(spec, 'leaseTransitions')
  if (transitions !== undefined && transitions < 0) {
    errors.push(invalidValue('spec.leaseTransitions', transitions, 'must be greater than or equal to 0'))
  }
  return errors
}

const mostUserPriority = 1_000_000_000
const preemptionPolicies = ['PreemptLowerPriority', 'Never']

export function validatePriorityClass(object: JsonObject): FieldError[] {
  const name = stringOf(optionalObject(object, 'metadata'), 'name')
  const errors: FieldError[] = []
  if (name.startsWith('system-')) {
    const why = `priority class names with 'system-' prefix are reserved for system use only. error: ${name} is not a known system priority class`
    errors.push(forbiddenField('metadata.name', why))
  } else if ((numberOf(object, 'value') ?? 0) > mostUserPriority) {
    errors.push(forbiddenField('value', `maximum allowed value of a user defined priority is ${mostUserPriority}`))
  }
  const policy = stringOf(object, 'preemptionPolicy')
  if (!preemptionPolicies.includes(policy)) errors.push(notSupported('preemptionPolicy', policy, preemptionPolicies))
  return errors
}
