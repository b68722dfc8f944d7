import type { FieldError } from '../../types/errors.ts'
import { numberOf, objectList, optionalObject, stringList, stringOf } from '../../types/json.ts'
import type { Json, JsonObject } from '../../types/objects.ts'
import { duplicate, invalidValue, notSupported, required } from '../validation/fields.ts'
import { dns1123Subdomain, wildcardSubdomain } from '../validation/names.ts'

/** What a rule of a CRD's schema says that is about a whole object or list: its value is not shown. */
const ruled = (field: string, why: string): FieldError => ({
  reason: 'FieldValueInvalid',
  field,
  message: `Invalid value: ${why}`,
})

/** The rules of the CRDs' schemas, in the words of the API server's schema validation. */
const specOf = (object: JsonObject) => optionalObject(object, 'spec') ?? {}

function needed(object: JsonObject, at: string, keys: readonly string[]): FieldError[] {
  return keys.filter((key) => object[key] === undefined).map((key) => required(`${at}.${key}`))
}

function within(value: Json, field: string, least: number, most: number): FieldError[] {
  if (typeof value !== 'number') return []
  if (value < least) return [invalidValue(field, value, `${field} in body should be greater than or equal to ${least}`)]
  return value > most ? [invalidValue(field, value, `${field} in body should be less than or equal to ${most}`)] : []
}

function oneOf(value: Json, field: string, supported: readonly string[]): FieldError[] {
  return value === undefined || supported.includes(String(value)) ? [] : [notSupported(field, value, supported)]
}

function hostname(name: string, field: string): FieldError[] {
  const problems = name.startsWith('*.') ? wildcardSubdomain(name) : dns1123Subdomain(name)
  const pattern = '^(\\*\\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$'
  return problems.length === 0 ? [] : [invalidValue(field, name, `${field} in body should match '${pattern}'`)]
}

export function validateGatewayClass(object: JsonObject): FieldError[] {
  return needed(specOf(object), 'spec', ['controllerName'])
}

export function validateGateway(object: JsonObject): FieldError[] {
  const spec = specOf(object)
  const errors = needed(spec, 'spec', ['gatewayClassName', 'listeners'])
  const listeners = objectList(spec, 'listeners')
  if (spec.listeners !== undefined && listeners.length === 0) {
    errors.push(invalidValue('spec.listeners', 0, 'spec.listeners in body should have at least 1 items'))
  }
  const names = new Set<string>()
  for (const [index, listener] of listeners.entries()) {
    const at = `spec.listeners[${index}]`
    errors.push(...needed(listener, at, ['name', 'port', 'protocol']))
    const name = stringOf(listener, 'name')
    if (names.has(name)) errors.push(duplicate(at, { name }))
    names.add(name)
    errors.push(...within(listener.port, `${at}.port`, 1, 65535))
    if (listener.hostname !== undefined) errors.push(...hostname(stringOf(listener, 'hostname'), `${at}.hostname`))
    const from = optionalObject(optionalObject(listener, 'allowedRoutes'), 'namespaces')?.from
    errors.push(...oneOf(from, `${at}.allowedRoutes.namespaces.from`, ['All', 'Selector', 'Same']))
    errors.push(...oneOf(optionalObject(listener, 'tls')?.mode, `${at}.tls.mode`, ['Terminate', 'Passthrough']))
  }
  return errors
}

export function validateHttpRoute(object: JsonObject): FieldError[] {
  const spec = specOf(object)
  const errors = stringList(spec, 'hostnames').flatMap((name, index) => hostname(name, `spec.hostnames[${index}]`))
  for (const [index, parent] of objectList(spec, 'parentRefs').entries()) {
    errors.push(...needed(parent, `spec.parentRefs[${index}]`, ['name']))
  }
  const rules = objectList(spec, 'rules')
  errors.push(...atMost(rules, 'spec.rules', mostRules))
  for (const [index, rule] of rules.entries()) {
    errors.push(...atMost(objectList(rule, 'matches'), `spec.rules[${index}].matches`, mostMatches))
    errors.push(...validateRule(rule, `spec.rules[${index}]`))
  }
  if (rules.reduce((sum, rule) => sum + objectList(rule, 'matches').length, 0) > mostMatchesTogether) {
    const why = `While ${mostRules} rules and ${mostMatches} matches per rule are allowed, the total number of matches across all rules in a route must be less than ${mostMatchesTogether}`
    errors.push(ruled('spec.rules', why))
  }
  return errors
}

const [mostRules, mostMatches, mostMatchesTogether] = [16, 64, 128]

function atMost(list: readonly JsonObject[], field: string, most: number): FieldError[] {
  if (list.length <= most) return []
  return [{ reason: 'FieldValueTooMany', field, message: `Too many: ${list.length}: must have at most ${most} items` }]
}

const pathTypes = ['Exact', 'PathPrefix', 'RegularExpression']
const valueTypes = ['Exact', 'RegularExpression']
const filterTypes = [
  'RequestHeaderModifier',
  'ResponseHeaderModifier',
  'RequestMirror',
  'RequestRedirect',
  'URLRewrite',
  'ExtensionRef',
]

function validateRule(rule: JsonObject, at: string): FieldError[] {
  const errors: FieldError[] = []
  for (const [index, match] of objectList(rule, 'matches').entries()) {
    const path = optionalObject(match, 'path')
    const where = `${at}.matches[${index}].path`
    errors.push(...oneOf(path?.type, `${where}.type`, pathTypes))
    if (path?.type !== 'RegularExpression' && !stringOf(path, 'value').startsWith('/')) {
      errors.push(
        ruled(where, "value must be an absolute path and start with '/' when type one of ['Exact', 'PathPrefix']"),
      )
    }
    for (const [position, header] of objectList(match, 'headers').entries()) {
      const field = `${at}.matches[${index}].headers[${position}]`
      errors.push(...needed(header, field, ['name', 'value']), ...oneOf(header.type, `${field}.type`, valueTypes))
    }
  }
  for (const [index, filter] of objectList(rule, 'filters').entries()) {
    const field = `${at}.filters[${index}]`
    errors.push(...needed(filter, field, ['type']), ...oneOf(filter.type, `${field}.type`, filterTypes))
  }
  for (const [index, backend] of objectList(rule, 'backendRefs').entries()) {
    const field = `${at}.backendRefs[${index}]`
    errors.push(...needed(backend, field, ['name']))
    errors.push(...within(backend.weight, `${field}.weight`, 0, 1_000_000))
    errors.push(...within(backend.port, `${field}.port`, 1, 65535))
    if (backend.kind === 'Service' && numberOf(backend, 'port') === undefined) {
      errors.push(ruled(field, 'Must have port for Service reference'))
    }
  }
  return errors
}
