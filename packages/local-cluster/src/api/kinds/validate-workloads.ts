import { isDeepStrictEqual } from 'node:util'
import type { FieldError } from '../errors.ts'
import type { Json, JsonObject } from '../objects.ts'
import {
  forbiddenField,
  immutableMessage,
  invalidValue,
  notNegative,
  notSupported,
  required,
} from '../validation/fields.ts'
import { isEmptySelector, matchesLabelSelector, validateLabelSelector } from '../validation/label-selector.ts'
import { numberOf, objectList, optionalObject, stringMap, stringOf } from './json.ts'
import { validateTemplate } from './validate-pod.ts'

const always = { restartPolicies: ['Always'] }

/** Selector and template of everything that makes pods. */
function validateWorkload(spec: JsonObject, kind: string): FieldError[] {
  const selector = optionalObject(spec, 'selector')
  const template = optionalObject(spec, 'template') ?? {}
  const claims = objectList(spec, 'volumeClaimTemplates').map((claim) =>
    stringOf(optionalObject(claim, 'metadata'), 'name'),
  )
  const errors: FieldError[] = []
  if (selector === null) errors.push(required('spec.selector'))
  else {
    errors.push(...validateLabelSelector(selector, 'spec.selector'))
    if (isEmptySelector(selector)) {
      errors.push(invalidValue('spec.selector', selector, `empty selector is invalid for ${kind}`))
    }
  }
  const labels = stringMap(optionalObject(template, 'metadata'), 'labels')
  if (selector !== null && !isEmptySelector(selector) && !matchesLabelSelector(selector, labels)) {
    const why = '`selector` does not match template `labels`'
    errors.push(invalidValue('spec.template.metadata.labels', labels, why))
  }
  errors.push(...validateTemplate(template, 'spec.template', { ...always, claims }))
  return errors
}

function specOf(object: JsonObject): JsonObject {
  return optionalObject(object, 'spec') ?? {}
}

export function validateDeployment(object: JsonObject): FieldError[] {
  const spec = specOf(object)
  const errors = [...notNegative('spec.replicas', spec.replicas), ...validateWorkload(spec, 'deployment')]
  const strategy = optionalObject(spec, 'strategy')
  const types = ['Recreate', 'RollingUpdate']
  if (strategy !== null && !types.includes(stringOf(strategy, 'type'))) {
    errors.push(notSupported('spec.strategy.type', strategy.type, types))
  }
  const rolling = optionalObject(strategy, 'rollingUpdate')
  if (strategy?.type === 'Recreate' && rolling !== null) {
    errors.push(
      forbiddenField('spec.strategy.rollingUpdate', "may not be specified when strategy `type` is 'Recreate'"),
    )
  } else if (rolling !== null) errors.push(...validateRolling(rolling, 'spec.strategy.rollingUpdate'))
  for (const key of ['minReadySeconds', 'revisionHistoryLimit', 'progressDeadlineSeconds']) {
    errors.push(...notNegative(`spec.${key}`, spec[key]))
  }
  const deadline = numberOf(spec, 'progressDeadlineSeconds')
  if (deadline !== undefined && deadline <= (numberOf(spec, 'minReadySeconds') ?? 0)) {
    errors.push(invalidValue('spec.progressDeadlineSeconds', deadline, 'must be greater than minReadySeconds'))
  }
  return errors
}

function validateRolling(rolling: JsonObject, field: string): FieldError[] {
  const errors = ['maxUnavailable', 'maxSurge'].flatMap((key) => validateIntOrPercent(rolling[key], `${field}.${key}`))
  if (isZero(rolling.maxUnavailable) && isZero(rolling.maxSurge)) {
    const why = 'may not be 0 when `maxSurge` is 0'
    errors.push(invalidValue(`${field}.maxUnavailable`, rolling.maxUnavailable, why))
  }
  if (typeof rolling.maxUnavailable === 'string' && Number.parseInt(rolling.maxUnavailable, 10) > 100) {
    errors.push(invalidValue(`${field}.maxUnavailable`, rolling.maxUnavailable, 'must not be greater than 100%'))
  }
  return errors
}

function isZero(value: Json): boolean {
  return value === 0 || (typeof value === 'string' && Number.parseInt(value, 10) === 0)
}

export function validateIntOrPercent(value: Json, field: string): FieldError[] {
  if (typeof value === 'number') return notNegative(field, value)
  if (typeof value !== 'string' || /^\d+%$/.test(value)) return []
  const why =
    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"
  return [invalidValue(field, value, why)]
}

export function validateReplicaSet(object: JsonObject): FieldError[] {
  const spec = specOf(object)
  return [...notNegative('spec.replicas', spec.replicas), ...validateWorkload(spec, 'deployment')]
}

export function validateStatefulSet(object: JsonObject): FieldError[] {
  const spec = specOf(object)
  const errors = [...notNegative('spec.replicas', spec.replicas), ...validateWorkload(spec, 'statefulset')]
  const policies = ['OrderedReady', 'Parallel']
  if (!policies.includes(stringOf(spec, 'podManagementPolicy'))) {
    errors.push(notSupported('spec.podManagementPolicy', spec.podManagementPolicy, policies))
  }
  const strategy = optionalObject(spec, 'updateStrategy')
  const types = ['OnDelete', 'RollingUpdate']
  const at = 'spec.updateStrategy'
  if (!types.includes(stringOf(strategy, 'type'))) {
    errors.push(invalidValue(at, strategy ?? {}, "must be 'RollingUpdate' or 'OnDelete'"))
  }
  const rolling = optionalObject(strategy, 'rollingUpdate')
  if (stringOf(strategy, 'type') === 'OnDelete' && rolling !== null) {
    errors.push(invalidValue(`${at}.rollingUpdate`, rolling, "only allowed for updateStrategy 'RollingUpdate'"))
  }
  errors.push(...notNegative(`${at}.rollingUpdate.partition`, rolling?.partition))
  errors.push(...notNegative('spec.ordinals.start', optionalObject(spec, 'ordinals')?.start))
  for (const key of ['minReadySeconds', 'revisionHistoryLimit']) errors.push(...notNegative(`spec.${key}`, spec[key]))
  const retention = optionalObject(spec, 'persistentVolumeClaimRetentionPolicy')
  for (const key of ['whenDeleted', 'whenScaled']) {
    const policy = stringOf(retention, key)
    if (policy === 'Retain' || policy === 'Delete') continue
    errors.push(notSupported(`spec.persistentVolumeClaimRetentionPolicy.${key}`, policy, ['Retain', 'Delete']))
  }
  return errors
}

/** Reference: ValidateDaemonSetSpec of pkg/apis/apps/validation. */
export function validateDaemonSet(object: JsonObject): FieldError[] {
  const spec = specOf(object)
  const errors = validateWorkload(spec, 'daemonset')
  for (const key of ['minReadySeconds', 'revisionHistoryLimit']) errors.push(...notNegative(`spec.${key}`, spec[key]))
  const strategy = optionalObject(spec, 'updateStrategy')
  const types = ['OnDelete', 'RollingUpdate']
  if (!types.includes(stringOf(strategy, 'type'))) {
    errors.push(notSupported('spec.updateStrategy', optionalObject(spec, 'updateStrategy') ?? {}, types))
  }
  const rolling = optionalObject(strategy, 'rollingUpdate')
  if (stringOf(strategy, 'type') !== 'RollingUpdate' || rolling === null) return errors
  const at = 'spec.updateStrategy.rollingUpdate'
  for (const key of ['maxUnavailable', 'maxSurge']) errors.push(...validateIntOrPercent(rolling[key], `${at}.${key}`))
  const [none, both] = [
    isZero(rolling.maxUnavailable) && isZero(rolling.maxSurge),
    !isZero(rolling.maxUnavailable) && !isZero(rolling.maxSurge),
  ]
  if (none) errors.push(required(`${at}.maxUnavailable`, 'cannot be 0 when maxSurge is 0'))
  if (both)
    errors.push(invalidValue(`${at}.maxSurge`, rolling.maxSurge, 'may not be set when maxUnavailable is non-zero'))
  return errors
}

/** What of a StatefulSet may change. Reference: ValidateStatefulSetUpdate. */
export function validateStatefulSetUpdate(object: JsonObject, old: JsonObject): FieldError[] {
  const changeable = new Set([
    'replicas',
    'ordinals',
    'template',
    'updateStrategy',
    'revisionHistoryLimit',
    'persistentVolumeClaimRetentionPolicy',
    'minReadySeconds',
  ])
  const frozen = (spec: JsonObject) => Object.fromEntries(Object.entries(spec).filter(([key]) => !changeable.has(key)))
  if (isDeepStrictEqual(frozen(specOf(object)), frozen(specOf(old)))) return []
  const why =
    "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
  return [forbiddenField('spec', why)]
}

export function validateSelectorUpdate(object: JsonObject, old: JsonObject): FieldError[] {
  const [now, before] = [specOf(object).selector, specOf(old).selector]
  return isDeepStrictEqual(now, before) ? [] : [invalidValue('spec.selector', now, immutableMessage)]
}
