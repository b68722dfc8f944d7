import { isDeepStrictEqual } from 'node:util'
import type { FieldError } from '../../types/errors.ts'
import { numberOf, objectList, optionalObject, stringMap, stringOf } from '../../types/json.ts'
import type { Json, JsonObject } from '../../types/objects.ts'
import {
  forbiddenField,
  immutableMessage,
  invalidValue,
  notNegative,
  notSupportedText,
  required,
} from '../validation/fields.ts'
import { isEmptySelector, matchesLabelSelector, validateLabelSelector } from '../validation/label-selector.ts'
import { validateTemplate } from './validate-pod.ts'

/** How the kinds that make pods differ from each other in what they say of their selector and template. */
export interface WorkloadWords {
  /** "empty selector is invalid for …" */
  emptyFor: string
  /** What the pods belong to, in "activeDeadlineSeconds in … is not Supported". */
  owner: string
  selector: 'required' | 'optional'
  /** What is said of the selector itself when one of its parts is wrong; null for nothing. */
  wrongSelector: string | null
}

/** Selector and template of everything that makes pods. */
export function validateWorkload(spec: JsonObject, words: WorkloadWords): FieldError[] {
  const selector = optionalObject(spec, 'selector')
  const template = optionalObject(spec, 'template') ?? {}
  const claims = objectList(spec, 'volumeClaimTemplates').map((claim) =>
    stringOf(optionalObject(claim, 'metadata'), 'name'),
  )
  const wrong = validateLabelSelector(selector, 'spec.selector')
  const errors: FieldError[] = [...wrong]
  if (selector === null && words.selector === 'required') errors.push(required('spec.selector'))
  if (selector !== null && isEmptySelector(selector)) {
    errors.push(invalidValue('spec.selector', selector, `empty selector is invalid for ${words.emptyFor}`))
  }
  if (wrong.length === 0) errors.push(...validateMatch(selector, template))
  else if (words.wrongSelector !== null) {
    errors.push(invalidValue('spec.selector', withKeys(selector ?? {}), words.wrongSelector))
  }
  errors.push(...validateTemplate(template, 'spec.template', { restartPolicies: ['Always'], claims }))
  if (optionalObject(template, 'spec')?.activeDeadlineSeconds !== undefined) {
    const why = `activeDeadlineSeconds in ${words.owner} is not Supported`
    errors.push(forbiddenField('spec.template.spec.activeDeadlineSeconds', why))
  }
  return errors
}

function validateMatch(selector: JsonObject | null, template: JsonObject): FieldError[] {
  if (selector !== null && isEmptySelector(selector)) return []
  const metadata = optionalObject(template, 'metadata')
  const labels = stringMap(metadata, 'labels')
  if (matchesLabelSelector(selector, labels)) return []
  const why = '`selector` does not match template `labels`'
  return [invalidValue('spec.template.metadata.labels', metadata?.labels === undefined ? null : labels, why)]
}

/** Without omitempty in Go: a key is always there. */
function withKeys(selector: JsonObject): JsonObject {
  const expressions = objectList(selector, 'matchExpressions').map((expression) => ({ key: '', ...expression }))
  return { ...selector, ...(expressions.length === 0 ? {} : { matchExpressions: expressions }) }
}

function specOf(object: JsonObject): JsonObject {
  return optionalObject(object, 'spec') ?? {}
}

const ofReplicaSets: WorkloadWords = {
  emptyFor: 'deployment',
  owner: 'ReplicaSet',
  selector: 'required',
  wrongSelector: 'invalid label selector',
}

/** A strategy as Go prints its struct inside an error. */
export function goStrategy(type: string, rolling: JsonObject | null): string {
  return JSON.stringify({ Type: type, RollingUpdate: rolling })
}

export function validateDeployment(object: JsonObject): FieldError[] {
  const spec = specOf(object)
  const errors = [...notNegative('spec.replicas', spec.replicas), ...validateWorkload(spec, ofReplicaSets)]
  const strategy = optionalObject(spec, 'strategy')
  const types = ['Recreate', 'RollingUpdate']
  if (strategy !== null && !types.includes(stringOf(strategy, 'type'))) {
    const rolling = optionalObject(strategy, 'rollingUpdate')
    errors.push(notSupportedText('spec.strategy', goStrategy(stringOf(strategy, 'type'), rolling), types))
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
  errors.push(...validateMostPercent(rolling.maxUnavailable, `${field}.maxUnavailable`))
  return errors
}

export function validateMostPercent(value: Json, field: string): FieldError[] {
  if (typeof value !== 'string' || !(Number.parseInt(value, 10) > 100)) return []
  return [invalidValue(field, value, 'must not be greater than 100%')]
}

/** What is no number counts as none. */
function isZero(value: Json): boolean {
  return value === 0 || (typeof value === 'string' && (Number.parseInt(value, 10) || 0) === 0)
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
  const counts = ['replicas', 'minReadySeconds'].flatMap((key) => notNegative(`spec.${key}`, spec[key]))
  return [...counts, ...validateWorkload(spec, ofReplicaSets)]
}

/** Reference: ValidateDaemonSetSpec of pkg/apis/apps/validation. */
export function validateDaemonSet(object: JsonObject): FieldError[] {
  const spec = specOf(object)
  const errors = validateWorkload(spec, {
    emptyFor: 'daemonset',
    owner: 'DaemonSet',
    selector: 'optional',
    wrongSelector: null,
  })
  for (const key of ['minReadySeconds', 'revisionHistoryLimit']) errors.push(...notNegative(`spec.${key}`, spec[key]))
  const strategy = optionalObject(spec, 'updateStrategy')
  const types = ['RollingUpdate', 'OnDelete']
  const type = stringOf(strategy, 'type')
  if (!types.includes(type)) {
    errors.push(
      notSupportedText('spec.updateStrategy', goStrategy(type, optionalObject(strategy, 'rollingUpdate')), types),
    )
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

export function validateSelectorUpdate(object: JsonObject, old: JsonObject): FieldError[] {
  const [now, before] = [specOf(object).selector, specOf(old).selector]
  return isDeepStrictEqual(now, before) ? [] : [invalidValue('spec.selector', now, immutableMessage)]
}
