import { parseQuantity } from '../../schema/quantity.ts'
import type { FieldError } from '../errors.ts'
import type { Json, JsonObject } from '../objects.ts'
import { forbiddenField, invalidValue, notSupported, required } from '../validation/fields.ts'
import { pathSegment } from '../validation/names.ts'
import { numberOf, objectList, optionalObject, stringOf } from './json.ts'

const sourceTypes = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource']
const targetTypes = ['Utilization', 'Value', 'AverageValue']
const selectPolicies = ['Disabled', 'Max', 'Min']
const policyTypes = ['Percent', 'Pods']
const longestWindowSeconds = 3600
const longestPeriodSeconds = 1800

/** Reference: pkg/apis/autoscaling/validation. */
export function validateHorizontalPodAutoscaler(object: JsonObject): FieldError[] {
  const spec = optionalObject(object, 'spec') ?? {}
  const [least, most] = [numberOf(spec, 'minReplicas') ?? 1, numberOf(spec, 'maxReplicas') ?? 0]
  const metrics = objectList(spec, 'metrics')
  const errors: FieldError[] = []
  if (least < 1) errors.push(invalidValue('spec.minReplicas', least, 'must be greater than or equal to 1'))
  if (most < 1) errors.push(required('spec.maxReplicas', 'must be set and greater than 0'))
  if (most < least) {
    errors.push(invalidValue('spec.maxReplicas', most, 'must be greater than or equal to `minReplicas`'))
  }
  errors.push(...validateTarget(optionalObject(spec, 'scaleTargetRef')))
  for (const [index, metric] of metrics.entries()) errors.push(...validateMetric(metric, `spec.metrics[${index}]`))
  if (least === 0 && !metrics.some(({ type }) => type === 'Object' || type === 'External')) {
    const why = 'must specify at least one Object or External metric to support scaling to zero replicas'
    errors.push(forbiddenField('spec.metrics', why))
  }
  for (const direction of ['scaleUp', 'scaleDown']) {
    const rules = optionalObject(optionalObject(spec, 'behavior'), direction)
    if (rules !== null) errors.push(...validateRules(rules, `spec.behavior.${direction}`))
  }
  return errors
}

function validateTarget(target: JsonObject | null): FieldError[] {
  const at = 'spec.scaleTargetRef'
  const errors: FieldError[] = []
  for (const key of ['kind', 'name']) {
    const text = stringOf(target, key)
    if (text === '') errors.push(required(`${at}.${key}`))
    else errors.push(...pathSegment(text).map((why) => invalidValue(`${at}.${key}`, text, why)))
  }
  const version = stringOf(target, 'apiVersion')
  // A group is wanted: the core group has nothing to scale.
  if (version.split('/').length > 2) {
    errors.push(invalidValue(`${at}.apiVersion`, version, `unexpected GroupVersion string: ${version}`))
  } else if (!version.includes('/')) {
    errors.push(invalidValue(`${at}.apiVersion`, version, 'apiVersion must specify API group'))
  }
  return errors
}

function validateMetric(metric: JsonObject, at: string): FieldError[] {
  const type = stringOf(metric, 'type')
  const errors: FieldError[] = []
  if (type === '') errors.push(required(`${at}.type`, 'must specify a metric source type'))
  if (!sourceTypes.includes(type)) return [...errors, notSupported(`${at}.type`, type, sourceTypes)]
  const key = `${type[0]?.toLowerCase()}${type.slice(1)}`
  const source = optionalObject(metric, key)
  if (source === null) {
    return [...errors, required(`${at}.${key}`, 'must populate information for the given metric source')]
  }
  if (key === 'resource' || key === 'containerResource') return [...errors, ...validateResource(source, `${at}.${key}`)]
  return [...errors, ...validateAmounts(optionalObject(source, 'target'), `${at}.${key}.target`)]
}

/** What a resource is compared with: a share of the requests, or an amount for each pod; not both. */
function validateResource(source: JsonObject, at: string): FieldError[] {
  const target = optionalObject(source, 'target')
  const errors: FieldError[] = []
  if (stringOf(source, 'name') === '') errors.push(required(`${at}.name`, 'must specify a resource name'))
  errors.push(...validateAmounts(target, `${at}.target`))
  const [share, amount] = [target?.averageUtilization, target?.averageValue]
  if (share === undefined && amount === undefined) {
    const why = 'must set either a target raw value or a target utilization'
    errors.push(required(`${at}.target.averageUtilization`, why))
  }
  if (share !== undefined && amount !== undefined) {
    const why = 'may not set both a target raw value and a target utilization'
    errors.push(forbiddenField(`${at}.target.averageValue`, why))
  }
  return errors
}

function validateAmounts(target: JsonObject | null, at: string): FieldError[] {
  const errors: FieldError[] = []
  const type = stringOf(target, 'type')
  if (type === '') errors.push(required(`${at}.type`, 'must specify a metric target type'))
  else if (!targetTypes.includes(type)) {
    errors.push(invalidValue(`${at}.type`, type, 'must be either Utilization, Value, or AverageValue'))
  }
  const share = numberOf(target, 'averageUtilization')
  if (share !== undefined && share < 1) {
    errors.push(invalidValue(`${at}.averageUtilization`, share, 'must be greater than 0'))
  }
  for (const key of ['value', 'averageValue']) {
    const amount: Json = target?.[key]
    if (amount === undefined || (parseQuantity(String(amount))?.nano ?? 0n) > 0n) continue
    errors.push(invalidValue(`${at}.${key}`, amount, 'must be positive'))
  }
  return errors
}

function validateRules(rules: JsonObject, at: string): FieldError[] {
  const errors: FieldError[] = []
  const window = numberOf(rules, 'stabilizationWindowSeconds')
  const field = `${at}.stabilizationWindowSeconds`
  if (window !== undefined && window < 0) {
    errors.push(invalidValue(field, window, 'must be greater than or equal to zero'))
  }
  if (window !== undefined && window > longestWindowSeconds) {
    errors.push(invalidValue(field, window, `must be less than or equal to ${longestWindowSeconds}`))
  }
  if (rules.selectPolicy !== undefined && !selectPolicies.includes(String(rules.selectPolicy))) {
    errors.push(notSupported(`${at}.selectPolicy`, rules.selectPolicy, selectPolicies))
  }
  const policies = objectList(rules, 'policies')
  if (policies.length === 0) errors.push(required(`${at}.policies`, 'must specify at least one Policy'))
  for (const [index, policy] of policies.entries()) errors.push(...validatePolicy(policy, `${at}.policies[${index}]`))
  return errors
}

function validatePolicy(policy: JsonObject, at: string): FieldError[] {
  const type = stringOf(policy, 'type')
  const errors = policyTypes.includes(type) ? [] : [notSupported(`${at}.type`, type, policyTypes)]
  for (const key of ['value', 'periodSeconds']) {
    const count = numberOf(policy, key) ?? 0
    if (count <= 0) errors.push(invalidValue(`${at}.${key}`, count, 'must be greater than zero'))
    if (key === 'periodSeconds' && count > longestPeriodSeconds) {
      errors.push(invalidValue(`${at}.${key}`, count, `must be less than or equal to ${longestPeriodSeconds}`))
    }
  }
  return errors
}
