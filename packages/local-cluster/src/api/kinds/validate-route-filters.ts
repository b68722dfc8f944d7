import type { FieldError } from '../errors.ts'
import type { JsonObject } from '../objects.ts'
import { required } from '../validation/fields.ts'
import { objectList, optionalObject, stringOf } from './json.ts'

/** What a rule of the CRD's schema says that is about a whole object or list: its value is not shown. */
export const ruled = (field: string, why: string): FieldError => ({
  reason: 'FieldValueInvalid',
  field,
  message: `Invalid value: ${why}`,
})

/** The field that goes with each type of filter. */
const fields: Record<string, string> = {
  RequestHeaderModifier: 'requestHeaderModifier',
  ResponseHeaderModifier: 'responseHeaderModifier',
  RequestMirror: 'requestMirror',
  RequestRedirect: 'requestRedirect',
  URLRewrite: 'urlRewrite',
  ExtensionRef: 'extensionRef',
}
const once = ['RequestHeaderModifier', 'ResponseHeaderModifier', 'RequestRedirect', 'URLRewrite']

/** Which filters a rule or a backend may have together, and what each must have. Reference: the CRD of HTTPRoute. */
export function validateFilters(owner: JsonObject, at: string): FieldError[] {
  const filters = objectList(owner, 'filters')
  const types = filters.map((filter) => stringOf(filter, 'type'))
  const errors = filters.flatMap((filter, index) => validateFilter(filter, `${at}[${index}]`))
  if (types.includes('RequestRedirect') && types.includes('URLRewrite')) {
    const why = 'May specify either httpRouteFilterRequestRedirect or httpRouteFilterRequestRewrite, but not both'
    errors.push(ruled(at, why))
  }
  for (const type of once) {
    if (types.filter((each) => each === type).length > 1) errors.push(ruled(at, `${type} filter cannot be repeated`))
  }
  return errors
}

function validateFilter(filter: JsonObject, at: string): FieldError[] {
  const type = stringOf(filter, 'type')
  const errors: FieldError[] = []
  for (const [each, field] of Object.entries(fields)) {
    if (each === type && filter[field] === undefined) {
      errors.push(ruled(at, `filter.${field} must be specified for ${each} filter.type`))
    }
    if (each !== type && filter[field] !== undefined) {
      errors.push(ruled(at, `filter.${field} must be nil if the filter.type is not ${each}`))
    }
  }
  const mirror = optionalObject(filter, 'requestMirror')
  if (mirror !== null && mirror.backendRef === undefined) errors.push(required(`${at}.requestMirror.backendRef`))
  if (mirror?.percent !== undefined && mirror.fraction !== undefined) {
    errors.push(
      ruled(`${at}.requestMirror`, 'Only one of percent or fraction may be specified in HTTPRequestMirrorFilter'),
    )
  }
  for (const field of ['requestRedirect', 'urlRewrite']) {
    const path = optionalObject(optionalObject(filter, field), 'path')
    if (path !== null) errors.push(...validatePath(path, `${at}.${field}.path`))
  }
  return errors
}

function validatePath(path: JsonObject, at: string): FieldError[] {
  const kinds = { ReplaceFullPath: 'replaceFullPath', ReplacePrefixMatch: 'replacePrefixMatch' }
  return Object.entries(kinds).flatMap(([type, field]) => {
    if (path.type === type && path[field] === undefined) {
      return ruled(at, `${field} must be specified when type is set to '${type}'`)
    }
    if (path.type !== type && path[field] !== undefined) {
      return ruled(at, `type must be '${type}' when ${field} is set`)
    }
    return []
  })
}

const replacesPrefix = (filter: JsonObject, field: string) =>
  optionalObject(optionalObject(filter, field), 'path')?.type === 'ReplacePrefixMatch'

/** What a rule's filters ask of the rest of it. */
export function validateRuleFilters(rule: JsonObject, at: string): FieldError[] {
  const filters = objectList(rule, 'filters')
  const backends = objectList(rule, 'backendRefs')
  const inner = backends.flatMap((backend) => objectList(backend, 'filters'))
  const errors: FieldError[] = []
  if (backends.length > 0 && filters.some(({ requestRedirect }) => requestRedirect !== undefined)) {
    errors.push(ruled(at, 'RequestRedirect filter must not be used together with backendRefs'))
  }
  const matches = objectList(rule, 'matches')
  if (matches.length === 1 && optionalObject(matches[0] ?? {}, 'path')?.type === 'PathPrefix') return errors
  const rest = 'filter with path.replacePrefixMatch, exactly one PathPrefix match must be specified'
  for (const [field, name] of [
    ['requestRedirect', 'RequestRedirect'],
    ['urlRewrite', 'URLRewrite'],
  ] as const) {
    if (filters.some((filter) => replacesPrefix(filter, field))) errors.push(ruled(at, `When using ${name} ${rest}`))
    const when = name === 'URLRewrite' ? 'When' : 'when'
    if (inner.some((filter) => replacesPrefix(filter, field))) {
      errors.push(ruled(at, `Within backendRefs, ${when} using ${name} ${rest}`))
    }
  }
  return errors
}
