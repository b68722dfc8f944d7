import type { FieldError } from '../../types/errors.ts'
import { numberOf, objectList, optionalObject, stringOf } from '../../types/json.ts'
import type { JsonObject } from '../../types/objects.ts'
import { invalidText, invalidValue, notSupported, required } from '../validation/fields.ts'

const actions = ['Count', 'FailIndex', 'FailJob', 'Ignore']
const exitOperators = ['In', 'NotIn']
const replacements = ['Failed', 'TerminatingOrFailed']
/** Most pods of an indexed job at a time; each has its index. */
const mostIndexedParallelism = 100_000
const indexedOnly = 'requires indexed completion mode'

/** Indexes, and what a job does with pods that fail. Reference: pkg/apis/batch/validation.validateJobSpec. */
export function validateJobPolicies(spec: JsonObject, field: string): FieldError[] {
  const indexed = spec.completionMode === 'Indexed'
  const errors: FieldError[] = []
  if (spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined) {
    errors.push(required(`${field}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified'))
  }
  const parallelism = numberOf(spec, 'parallelism') ?? 1
  if (indexed && parallelism > mostIndexedParallelism) {
    const why = `must be less than or equal to ${mostIndexedParallelism} when completion mode is Indexed`
    errors.push(invalidValue(`${field}.parallelism`, parallelism, why))
  }
  for (const key of ['backoffLimitPerIndex', 'maxFailedIndexes']) {
    if (!indexed && spec[key] !== undefined) errors.push(invalidValue(`${field}.${key}`, spec[key], indexedOnly))
  }
  errors.push(...validateFailurePolicy(spec, field), ...validateSuccessPolicy(spec, `${field}.successPolicy`, indexed))
  const replacement = spec.podReplacementPolicy
  if (replacement !== undefined && !replacements.includes(String(replacement))) {
    errors.push(notSupported(`${field}.podReplacementPolicy`, replacement, replacements))
  }
  const manager = spec.managedBy
  if (typeof manager === 'string' && !manager.includes('/')) {
    const why = 'must be a domain-prefixed path (such as "acme.io/foo")'
    errors.push(invalidValue(`${field}.managedBy`, manager, why))
  }
  return errors
}

function validateFailurePolicy(spec: JsonObject, field: string): FieldError[] {
  const policy = optionalObject(spec, 'podFailurePolicy')
  if (policy === null) return []
  const errors = objectList(policy, 'rules').flatMap((rule, index) =>
    validateFailureRule(rule, `${field}.podFailurePolicy.rules[${index}]`, spec.backoffLimitPerIndex !== undefined),
  )
  const restart = stringOf(optionalObject(optionalObject(spec, 'template'), 'spec'), 'restartPolicy')
  if (restart !== 'Never') {
    const why = 'only "Never" is supported when podFailurePolicy is specified'
    errors.push(invalidValue(`${field}.template.spec.restartPolicy`, restart, why))
  }
  return errors
}

function validateFailureRule(rule: JsonObject, at: string, perIndex: boolean): FieldError[] {
  const action = stringOf(rule, 'action')
  const errors: FieldError[] = []
  if (action === '') errors.push(required(`${at}.action`, 'valid values: "Count", "FailIndex", "FailJob", "Ignore"'))
  else if (!actions.includes(action)) errors.push(notSupported(`${at}.action`, action, actions))
  else if (action === 'FailIndex' && !perIndex) {
    errors.push(invalidValue(`${at}.action`, action, 'requires the backoffLimitPerIndex to be set'))
  }
  const exit = optionalObject(rule, 'onExitCodes')
  const conditions = objectList(rule, 'onPodConditions')
  if (exit !== null) errors.push(...validateExitCodes(exit, `${at}.onExitCodes`))
  if (exit !== null && conditions.length > 0) {
    errors.push(invalidText(at, 'specifying both OnExitCodes and OnPodConditions is not supported', ''))
  }
  if (exit === null && conditions.length === 0) {
    errors.push(invalidText(at, 'specifying one of OnExitCodes and OnPodConditions is required', ''))
  }
  return errors
}

function validateExitCodes(exit: JsonObject, at: string): FieldError[] {
  const operator = stringOf(exit, 'operator')
  const values = Array.isArray(exit.values) ? exit.values : []
  const errors: FieldError[] = []
  if (!exitOperators.includes(operator)) errors.push(notSupported(`${at}.operator`, operator, exitOperators))
  if (values.length === 0) errors.push(invalidValue(`${at}.values`, [], 'at least one value is required'))
  for (const [index, value] of values.entries()) {
    if (value === 0 && operator === 'In') {
      errors.push(invalidValue(`${at}.values[${index}]`, 0, 'must not be 0 for the In operator'))
    }
  }
  return errors
}

function validateSuccessPolicy(spec: JsonObject, field: string, indexed: boolean): FieldError[] {
  const policy = optionalObject(spec, 'successPolicy')
  if (policy === null) return []
  const rules = objectList(policy, 'rules')
  if (!indexed) {
    const Rules = rules.map((rule) => ({
      SucceededIndexes: rule.succeededIndexes ?? null,
      SucceededCount: rule.succeededCount ?? null,
    }))
    return [invalidText(field, JSON.stringify({ Rules }), indexedOnly)]
  }
  return rules.flatMap((rule, index) => {
    const indexes = rule.succeededIndexes
    if (typeof indexes !== 'string') return []
    const bad = indexes.split(/[,-]/).find((part) => !/^\d+$/.test(part))
    if (bad === undefined) return []
    const why = `error parsing succeededIndexes: cannot convert string to integer for index: "${bad}"`
    return [invalidValue(`${field}.rules[${index}].succeededIndexes`, indexes, why)]
  })
}
