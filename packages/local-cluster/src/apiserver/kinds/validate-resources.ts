import type { FieldError } from '../../types/errors.ts'
import { objectList, stringMap, stringOf } from '../../types/json.ts'
import type { JsonObject } from '../../types/objects.ts'
import { parseQuantity } from '../../types/quantity.ts'
import { forbiddenField, invalidValue, notFoundValue, notNegativeMessage, required } from '../validation/fields.ts'
import { qualifiedName } from '../validation/names.ts'

const standard = /^(cpu|memory|ephemeral-storage|storage|hugepages-.+)$/
const ofContainers = /^(cpu|memory|ephemeral-storage|hugepages-.+)$/

/** Of resources with a domain the limit is what is asked for, and whole. */
function isExtended(name: string): boolean {
  return name.includes('/') && !name.includes('kubernetes.io/')
}

function overcommits(name: string): boolean {
  return !isExtended(name) && !name.startsWith('hugepages-')
}

/** Reference: pkg/apis/core/validation.validateContainerResourceName. */
export function validateResourceName(name: string, field: string): FieldError[] {
  const errors = qualifiedName(name).map((why) => invalidValue(field, name, why))
  if (errors.length > 0) return errors
  if (name.includes('/')) return []
  if (!standard.test(name))
    errors.push(invalidValue(field, name, 'must be a standard resource type or fully qualified'))
  if (!ofContainers.test(name)) errors.push(invalidValue(field, name, 'must be a standard resource for containers'))
  return errors
}

/** Reference: ValidateResourceQuantityValue: not negative, and whole where the resource comes in pieces. */
export function validateResourceAmount(name: string, value: string, field: string): FieldError[] {
  const quantity = parseQuantity(value)
  const errors: FieldError[] = []
  if (quantity === null || quantity.nano < 0n) errors.push(invalidValue(field, value, notNegativeMessage))
  else if (isExtended(name) && quantity.nano % 1_000_000_000n !== 0n) {
    errors.push(invalidValue(field, value, 'must be an integer'))
  }
  return errors
}

/** Reference: pkg/apis/core/validation.validateResourceRequirements. */
export function validateResources(resources: JsonObject | null, field: string, claims: Set<string>): FieldError[] {
  const [limits, requests] = [stringMap(resources, 'limits'), stringMap(resources, 'requests')]
  const errors: FieldError[] = []
  for (const [kind, values] of [
    ['limits', limits],
    ['requests', requests],
  ] as const) {
    for (const [name, value] of Object.entries(values)) {
      const at = `${field}.${kind}[${name}]`
      errors.push(...validateResourceName(name, at), ...validateResourceAmount(name, value, at))
      if (kind === 'requests') errors.push(...validateRequest(name, value, limits[name], field))
    }
  }
  const names = [...Object.keys(limits), ...Object.keys(requests)]
  if (names.some((name) => name.startsWith('hugepages-')) && !names.includes('cpu') && !names.includes('memory')) {
    errors.push(forbiddenField(field, 'HugePages require cpu or memory'))
  }
  for (const [index, claim] of objectList(resources, 'claims').entries()) {
    const name = stringOf(claim, 'name')
    const at = `${field}.claims[${index}]`
    if (name === '') errors.push(required(at))
    else if (!claims.has(name)) {
      const where = claims.size === 0 ? 'pod.spec.resourceClaims which is empty' : 'pod.spec.resourceClaims'
      const missing = notFoundValue(at, name)
      errors.push({ ...missing, message: `${missing.message}: must be one of the names in ${where}` })
    }
  }
  return errors
}

function validateRequest(name: string, request: string, limit: string | undefined, field: string): FieldError[] {
  if (limit === undefined) {
    if (overcommits(name)) return []
    return [required(`${field}.limits`, 'Limit must be set for non overcommitable resources')]
  }
  const [wanted, most] = [parseQuantity(request), parseQuantity(limit)]
  if (wanted === null || most === null) return []
  if (!overcommits(name) && wanted.nano !== most.nano) {
    return [invalidValue(`${field}.requests`, request, `must be equal to ${name} limit of ${limit}`)]
  }
  if (wanted.nano <= most.nano) return []
  return [invalidValue(`${field}.requests`, request, `must be less than or equal to ${name} limit of ${limit}`)]
}

/** Names of the claims that a pod's containers may ask for. */
export function claimNames(spec: JsonObject): Set<string> {
  return new Set(objectList(spec, 'resourceClaims').map((claim) => stringOf(claim, 'name')))
}
