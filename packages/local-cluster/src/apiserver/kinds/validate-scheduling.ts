import type { FieldError } from '../../types/errors.ts'
import { numberOf, objectList, optionalObject, stringList, stringOf } from '../../types/json.ts'
import type { JsonObject } from '../../types/objects.ts'
import { duplicate, invalidValue, notSupported, required } from '../validation/fields.ts'
import { validateLabelSelector } from '../validation/label-selector.ts'
import { labelValue, qualifiedName } from '../validation/names.ts'

const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

/** Reference: pkg/apis/core/validation.ValidateTolerations. */
export function validateTolerations(spec: JsonObject, field: string): FieldError[] {
  return objectList(spec, 'tolerations').flatMap((toleration, index) => {
    const at = `${field}[${index}]`
    const [key, operator, value, effect] = ['key', 'operator', 'value', 'effect'].map((name) =>
      stringOf(toleration, name),
    ) as [string, string, string, string]
    const errors: FieldError[] = []
    if (key !== '') errors.push(...qualifiedName(key).map((why) => invalidValue(`${at}.key`, key, why)))
    if (key === '' && operator !== 'Exists') {
      const why = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
      errors.push(invalidValue(`${at}.operator`, operator, why))
    }
    if (toleration.tolerationSeconds !== undefined && effect !== 'NoExecute') {
      const why = "effect must be 'NoExecute' when `tolerationSeconds` is set"
      errors.push(invalidValue(`${at}.effect`, effect, why))
    }
    if (operator === 'Exists') {
      const why = "value must be empty when `operator` is 'Exists'"
      if (value !== '') errors.push(invalidValue(`${at}.operator`, value, why))
    } else if (operator === 'Equal' || operator === '') {
      const wrong = labelValue(value)
      if (wrong.length > 0) errors.push(invalidValue(`${at}.operator`, value, wrong.join(';')))
    } else errors.push(notSupported(`${at}.operator`, operator, ['Equal', 'Exists']))
    if (effect !== '' && !effects.includes(effect)) errors.push(notSupported(`${at}.effect`, effect, effects))
    return errors
  })
}

/** Reference: pkg/apis/core/validation.validateAffinity. */
export function validateAffinity(affinity: JsonObject | null, field: string): FieldError[] {
  const errors = validateNodeAffinity(optionalObject(affinity, 'nodeAffinity'), `${field}.nodeAffinity`)
  for (const kind of ['podAffinity', 'podAntiAffinity']) {
    const terms = optionalObject(affinity, kind)
    const [must, may] = ['required', 'preferred'].map((word) => `${word}DuringSchedulingIgnoredDuringExecution`)
    for (const [index, term] of objectList(terms, `${must}`).entries()) {
      errors.push(...validateAffinityTerm(term, `${field}.${kind}.${must}[${index}]`))
    }
    for (const [index, weighted] of objectList(terms, `${may}`).entries()) {
      const at = `${field}.${kind}.${may}[${index}]`
      errors.push(...validateWeight(weighted, at))
      errors.push(...validateAffinityTerm(optionalObject(weighted, 'podAffinityTerm') ?? {}, `${at}.podAffinityTerm`))
    }
  }
  return errors
}

function validateWeight(weighted: JsonObject, at: string): FieldError[] {
  const weight = numberOf(weighted, 'weight') ?? 0
  return weight >= 1 && weight <= 100 ? [] : [invalidValue(`${at}.weight`, weight, 'must be in the range 1-100')]
}

function validateAffinityTerm(term: JsonObject, at: string): FieldError[] {
  const key = stringOf(term, 'topologyKey')
  return [
    ...validateLabelSelector(optionalObject(term, 'labelSelector'), `${at}.labelSelector`),
    ...validateLabelSelector(optionalObject(term, 'namespaceSelector'), `${at}.namespaceSelector`),
    ...(key === '' ? [required(`${at}.topologyKey`, 'can not be empty')] : []),
    ...qualifiedName(key).map((why) => invalidValue(`${at}.topologyKey`, key, why)),
  ]
}

function validateNodeAffinity(affinity: JsonObject | null, field: string): FieldError[] {
  const must = optionalObject(affinity, 'requiredDuringSchedulingIgnoredDuringExecution')
  const at = `${field}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms`
  const terms = objectList(must, 'nodeSelectorTerms')
  const errors: FieldError[] = []
  if (must !== null && terms.length === 0) errors.push(required(at, 'must have at least one node selector term'))
  for (const [index, term] of terms.entries()) errors.push(...validateNodeTerm(term, `${at}[${index}]`))
  const may = 'preferredDuringSchedulingIgnoredDuringExecution'
  for (const [index, weighted] of objectList(affinity, may).entries()) {
    errors.push(...validateWeight(weighted, `${field}.${may}[${index}]`))
    const preference = optionalObject(weighted, 'preference') ?? {}
    errors.push(...validateNodeTerm(preference, `${field}.${may}[${index}].preference`))
  }
  return errors
}

function validateNodeTerm(term: JsonObject, field: string): FieldError[] {
  return objectList(term, 'matchExpressions').flatMap((expression, index) => {
    const at = `${field}.matchExpressions[${index}]`
    const values = stringList(expression, 'values')
    const key = stringOf(expression, 'key')
    return [
      ...validateNodeOperator(stringOf(expression, 'operator'), values, at),
      ...qualifiedName(key).map((why) => invalidValue(`${at}.key`, key, why)),
    ]
  })
}

function validateNodeOperator(operator: string, values: string[], at: string): FieldError[] {
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (values.length > 0) return []
      return [required(`${at}.values`, "must be specified when `operator` is 'In' or 'NotIn'")]
    case 'Exists':
    case 'DoesNotExist': {
      const why = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
      if (values.length === 0) return []
      return [{ reason: 'FieldValueForbidden', field: `${at}.values`, message: `Forbidden: ${why}` }]
    }
    case 'Gt':
    case 'Lt':
      if (values.length === 1) return []
      return [required(`${at}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'")]
    default:
      return [invalidValue(`${at}.operator`, operator, 'not a valid selector operator')]
  }
}

const spreadPolicies = ['DoNotSchedule', 'ScheduleAnyway']

/** Reference: pkg/apis/core/validation.validateTopologySpreadConstraints. */
export function validateSpread(spec: JsonObject, field: string): FieldError[] {
  const constraints = objectList(spec, 'topologySpreadConstraints')
  return constraints.flatMap((constraint, index) => {
    const at = `${field}[${index}]`
    const errors: FieldError[] = []
    const [key, policy] = [stringOf(constraint, 'topologyKey'), stringOf(constraint, 'whenUnsatisfiable')]
    if (typeof constraint.maxSkew === 'number' && constraint.maxSkew <= 0) {
      errors.push(invalidValue(`${at}.maxSkew`, constraint.maxSkew, 'must be greater than zero'))
    }
    if (key === '') errors.push(required(`${at}.topologyKey`, 'can not be empty'))
    else errors.push(...qualifiedName(key).map((why) => invalidValue(`${at}.topologyKey`, key, why)))
    if (!spreadPolicies.includes(policy)) {
      errors.push(notSupported(`${at}.whenUnsatisfiable`, policy, spreadPolicies))
    }
    const again = constraints
      .slice(index + 1)
      .some((other) => stringOf(other, 'topologyKey') === key && stringOf(other, 'whenUnsatisfiable') === policy)
    if (again) errors.push(duplicate(`${at}.{topologyKey, whenUnsatisfiable}`, `{${key}, ${policy}}`))
    errors.push(...validateLabelSelector(optionalObject(constraint, 'labelSelector'), `${at}.labelSelector`))
    return errors
  })
}
