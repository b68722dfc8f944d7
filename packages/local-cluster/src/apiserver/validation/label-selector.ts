import type { FieldError } from '../../types/errors.ts'
import { objectList, optionalObject, stringList, stringMap, stringOf } from '../../types/json.ts'
import type { JsonObject } from '../../types/objects.ts'
import { meets } from '../../types/requirement.ts'
import { forbiddenField, invalidValue, required } from './fields.ts'
import { validateLabels } from './metadata.ts'
import { labelValue, qualifiedName } from './names.ts'

/** `metav1.LabelSelector` as a predicate; an empty selector matches everything. */
export function matchesLabelSelector(selector: JsonObject | null, labels: Record<string, string>): boolean {
  if (selector === null) return false
  for (const [key, value] of Object.entries(stringMap(selector, 'matchLabels'))) {
    if (labels[key] !== value) return false
  }
  return objectList(selector, 'matchExpressions').every((expression) =>
    meets(
      { operator: stringOf(expression, 'operator'), values: stringList(expression, 'values') },
      labels[stringOf(expression, 'key')],
    ),
  )
}

/** Reference: metav1/validation.ValidateLabelSelector. */
export function validateLabelSelector(selector: JsonObject | null, field: string): FieldError[] {
  if (selector === null) return []
  const errors = validateLabels(stringMap(selector, 'matchLabels'), `${field}.matchLabels`)
  for (const [index, expression] of objectList(selector, 'matchExpressions').entries()) {
    const at = `${field}.matchExpressions[${index}]`
    const values = stringList(expression, 'values')
    switch (expression.operator) {
      case 'In':
      case 'NotIn':
        if (values.length === 0) {
          errors.push(required(`${at}.values`, "must be specified when `operator` is 'In' or 'NotIn'"))
        }
        break
      case 'Exists':
      case 'DoesNotExist':
        if (values.length > 0) {
          errors.push(
            forbiddenField(`${at}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"),
          )
        }
        break
      default:
        errors.push(invalidValue(`${at}.operator`, expression.operator ?? '', 'not a valid selector operator'))
    }
    const key = stringOf(expression, 'key')
    errors.push(...qualifiedName(key).map((why) => invalidValue(`${at}.key`, key, why)))
    for (const [i, value] of values.entries()) {
      errors.push(...labelValue(value).map((why) => invalidValue(`${at}.values[${i}]`, value, why)))
    }
  }
  return errors
}

export function isEmptySelector(selector: JsonObject | null): boolean {
  return (
    selector === null ||
    (Object.keys(optionalObject(selector, 'matchLabels') ?? {}).length === 0 &&
      objectList(selector, 'matchExpressions').length === 0)
  )
}
