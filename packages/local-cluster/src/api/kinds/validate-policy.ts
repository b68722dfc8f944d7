import type { FieldError } from '../errors.ts'
import type { JsonObject } from '../objects.ts'
import { invalidValue, required } from '../validation/fields.ts'
import { validateLabelSelector } from '../validation/label-selector.ts'
import { numberOf, optionalObject, stringOf } from './json.ts'
import { validateIntOrPercent } from './validate-workloads.ts'

export function validateDisruptionBudget(object: JsonObject): FieldError[] {
  const spec = optionalObject(object, 'spec') ?? {}
  const errors: FieldError[] = []
  if (spec.minAvailable !== undefined && spec.maxUnavailable !== undefined) {
    errors.push(invalidValue('spec', '', 'minAvailable and maxUnavailable cannot be both set'))
  }
  errors.push(...validateIntOrPercent(spec.minAvailable, 'spec.minAvailable'))
  errors.push(...validateIntOrPercent(spec.maxUnavailable, 'spec.maxUnavailable'))
  errors.push(...validateLabelSelector(optionalObject(spec, 'selector'), 'spec.selector'))
  return errors
}

export function validateHorizontalPodAutoscaler(object: JsonObject): FieldError[] {
  const spec = optionalObject(object, 'spec') ?? {}
  const [least, most] = [numberOf(spec, 'minReplicas') ?? 1, numberOf(spec, 'maxReplicas') ?? 0]
  const errors: FieldError[] = []
  if (least < 1) errors.push(invalidValue('spec.minReplicas', least, 'must be greater than or equal to 1'))
  if (most < 1) errors.push(invalidValue('spec.maxReplicas', most, 'must be greater than 0'))
  else if (most < least)
    errors.push(invalidValue('spec.maxReplicas', most, 'must be greater than or equal to `minReplicas`'))
  const target = optionalObject(spec, 'scaleTargetRef')
  for (const key of ['kind', 'name']) {
    if (stringOf(target, key) === '') errors.push(required(`spec.scaleTargetRef.${key}`))
  }
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
