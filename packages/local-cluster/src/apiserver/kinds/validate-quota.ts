import type { FieldError } from '../../types/errors.ts'
import { objectList, optionalObject, stringList, stringMap, stringOf } from '../../types/json.ts'
import type { JsonObject } from '../../types/objects.ts'
import { parseQuantity } from '../../types/quantity.ts'
import { shortCounts } from '../admission/quota-usage.ts'
import { invalidValue, notNegativeMessage } from '../validation/fields.ts'
import { qualifiedName } from '../validation/names.ts'

const countable = new Set([...shortCounts, 'services.loadbalancers', 'services.nodeports'])
const measured = new Set(['cpu', 'memory', 'ephemeral-storage', 'requests.storage'])
for (const kind of ['requests', 'limits']) {
  for (const name of ['cpu', 'memory', 'ephemeral-storage']) measured.add(`${kind}.${name}`)
}
const scopes = [
  'BestEffort',
  'CrossNamespacePodAffinity',
  'NotBestEffort',
  'NotTerminating',
  'PriorityClass',
  'Terminating',
  'VolumeAttributesClass',
]
const opposites = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
] as const

function isStandard(name: string): boolean {
  return countable.has(name) || measured.has(name) || /^(requests\.)?hugepages-/.test(name)
}

/** A name in `spec.hard`, or of another resource that is counted. Reference: ValidateResourceQuotaResourceName. */
function validateName(name: string, field: string): FieldError[] {
  const errors = qualifiedName(name).map((why) => invalidValue(field, name, why))
  if (name.includes('/') || isStandard(name)) return errors
  if (errors.length === 0) errors.push(invalidValue(field, name, 'must be a standard resource type or fully qualified'))
  return [...errors, invalidValue(field, name, 'must be a standard resource for quota')]
}

function validateAmount(name: string, value: string, field: string): FieldError[] {
  const quantity = parseQuantity(value)
  if (quantity === null || quantity.nano < 0n) return [invalidValue(field, value, notNegativeMessage)]
  const whole = countable.has(name) || name.startsWith('count/')
  return whole && quantity.nano % 1_000_000_000n !== 0n ? [invalidValue(field, value, 'must be an integer')] : []
}

/** Reference: pkg/apis/core/validation.ValidateResourceQuotaSpec. */
export function validateResourceQuota(object: JsonObject): FieldError[] {
  const spec = optionalObject(object, 'spec')
  const hard = stringMap(spec, 'hard')
  const errors = Object.entries(hard).flatMap(([name, value]) => {
    const at = `spec.hard[${name}]`
    return [...validateName(name, at), ...validateAmount(name, value, at)]
  })
  return [...errors, ...validateScopes(spec, Object.keys(hard)), ...validateScopeSelector(spec)]
}

/** A quota of pods that are not asked for anything can only count them. */
function scopeTakes(scope: string, resource: string): boolean {
  if (scope === 'BestEffort') return resource === 'pods'
  return resource === 'pods' || measured.has(resource)
}

function validateScopes(spec: JsonObject | null, resources: string[]): FieldError[] {
  const list = stringList(spec, 'scopes')
  const errors: FieldError[] = []
  const field = 'spec.scopes'
  for (const scope of list) {
    if (!scopes.includes(scope)) errors.push(invalidValue(field, list, 'unsupported scope'))
    else if (resources.some((resource) => isStandard(resource) && !scopeTakes(scope, resource))) {
      errors.push(invalidValue(field, list, 'unsupported scope applied to resource'))
    }
  }
  if (opposites.some((pair) => pair.every((scope) => list.includes(scope)))) {
    errors.push(invalidValue(field, list, 'conflicting scopes'))
  }
  return errors
}

const existsOnly =
  "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"

function validateScopeSelector(spec: JsonObject | null): FieldError[] {
  const field = 'spec.scopeSelector.matchExpressions'
  return objectList(optionalObject(spec, 'scopeSelector'), 'matchExpressions').flatMap((expression) => {
    const [scope, operator] = [stringOf(expression, 'scopeName'), stringOf(expression, 'operator')]
    if (!scopes.includes(scope)) return [invalidValue(`${field}.scopeName`, scope, 'unsupported scope')]
    const byValue = scope === 'PriorityClass' || scope === 'VolumeAttributesClass'
    return byValue || operator === 'Exists' ? [] : [invalidValue(`${field}.operator`, operator, existsOnly)]
  })
}
