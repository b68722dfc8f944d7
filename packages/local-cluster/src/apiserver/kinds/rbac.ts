import { isDeepStrictEqual } from 'node:util'
import type { FieldError } from '../../types/errors.ts'
import { childObject, objectList, optionalObject, setDefault, stringList, stringOf } from '../../types/json.ts'
import type { JsonObject } from '../../types/objects.ts'
import { ClusterRoleBindings, ClusterRoles, RoleBindings, Roles } from '../../types/resources.ts'
import type { KindRules } from '../core/strategy.ts'
import { invalidText, invalidValue, notSupported, required } from '../validation/fields.ts'
import { dns1123Subdomain, pathSegment } from '../validation/names.ts'

const GROUP = 'rbac.authorization.k8s.io'

/** Reference: pkg/apis/rbac/validation. */
function validateRules(namespaced: boolean): (object: JsonObject) => FieldError[] {
  return (object) =>
    objectList(object, 'rules').flatMap((rule, index) => {
      const at = `rules[${index}]`
      const errors: FieldError[] = []
      if (stringList(rule, 'verbs').length === 0) {
        errors.push(required(`${at}.verbs`, 'verbs must contain at least one value'))
      }
      if (stringList(rule, 'nonResourceURLs').length > 0) {
        if (namespaced) {
          const why = 'namespaced rules cannot apply to non-resource URLs'
          errors.push(invalidValue(`${at}.nonResourceURLs`, rule.nonResourceURLs, why))
        }
        if (stringList(rule, 'apiGroups').length + stringList(rule, 'resources').length > 0) {
          const why = 'rules cannot apply to both regular resources and non-resource URLs'
          errors.push(invalidValue(`${at}.nonResourceURLs`, rule.nonResourceURLs, why))
        }
        return errors
      }
      if (stringList(rule, 'apiGroups').length === 0) {
        errors.push(required(`${at}.apiGroups`, 'resource rules must supply at least one api group'))
      }
      if (stringList(rule, 'resources').length === 0) {
        errors.push(required(`${at}.resources`, 'resource rules must supply at least one resource'))
      }
      return errors
    })
}

function defaultBinding(object: JsonObject): void {
  setDefault(childObject(object, 'roleRef'), 'apiGroup', GROUP)
  for (const subject of objectList(object, 'subjects')) {
    if (stringOf(subject, 'kind') === 'ServiceAccount') continue
    setDefault(subject, 'apiGroup', GROUP)
  }
}

function validateBinding(roleKinds: string[], namespaced: boolean): (object: JsonObject) => FieldError[] {
  return (object) => {
    const role = optionalObject(object, 'roleRef')
    const errors: FieldError[] = []
    if (stringOf(role, 'apiGroup') !== GROUP) {
      errors.push(notSupported('roleRef.apiGroup', stringOf(role, 'apiGroup'), [GROUP]))
    }
    if (!roleKinds.includes(stringOf(role, 'kind'))) {
      errors.push(notSupported('roleRef.kind', stringOf(role, 'kind'), roleKinds))
    }
    if (stringOf(role, 'name') === '') errors.push(required('roleRef.name'))
    for (const [index, subject] of objectList(object, 'subjects').entries()) {
      errors.push(...validateSubject(subject, `subjects[${index}]`, namespaced))
    }
    return errors
  }
}

function validateSubject(subject: JsonObject, at: string, namespaced: boolean): FieldError[] {
  const kinds = ['ServiceAccount', 'User', 'Group']
  const name = stringOf(subject, 'name')
  const kind = stringOf(subject, 'kind')
  const errors: FieldError[] = []
  if (name === '') errors.push(required(`${at}.name`))
  if (!kinds.includes(kind)) errors.push(notSupported(`${at}.kind`, kind, kinds))
  else if (kind === 'ServiceAccount') {
    if (name !== '') errors.push(...dns1123Subdomain(name).map((why) => invalidValue(`${at}.name`, name, why)))
    if (stringOf(subject, 'apiGroup') !== '') {
      errors.push(notSupported(`${at}.apiGroup`, stringOf(subject, 'apiGroup'), ['']))
    }
    if (!namespaced && stringOf(subject, 'namespace') === '') errors.push(required(`${at}.namespace`))
  }
  return errors
}

function keepRole(object: JsonObject, old: JsonObject): FieldError[] {
  if (isDeepStrictEqual(object.roleRef, old.roleRef)) return []
  const { apiGroup = '', kind = '', name = '' } = optionalObject(object, 'roleRef') ?? {}
  const shown = JSON.stringify({ APIGroup: apiGroup, Kind: kind, Name: name })
  return [invalidText('roleRef', shown, 'cannot change roleRef')]
}

/** http/rbac.ts enforces them. */
export const roles: KindRules = {
  type: Roles,
  createsOnUpdate: true,
  zero: { rules: null },
  defaults: (object) => setDefault(object, 'rules', null),
  validateName: pathSegment,
  validate: validateRules(true),
}

export const clusterRoles: KindRules = {
  type: ClusterRoles,
  createsOnUpdate: true,
  zero: { rules: null },
  defaults: (object) => setDefault(object, 'rules', null),
  validateName: pathSegment,
  validate: validateRules(false),
}

export const roleBindings: KindRules = {
  type: RoleBindings,
  createsOnUpdate: true,
  zero: { roleRef: { apiGroup: '', kind: '', name: '' } },
  validateName: pathSegment,
  defaults: defaultBinding,
  validate: validateBinding(['Role', 'ClusterRole'], true),
  validateUpdate: keepRole,
}

export const clusterRoleBindings: KindRules = {
  type: ClusterRoleBindings,
  createsOnUpdate: true,
  zero: { roleRef: { apiGroup: '', kind: '', name: '' } },
  validateName: pathSegment,
  defaults: defaultBinding,
  validate: validateBinding(['ClusterRole'], false),
  validateUpdate: keepRole,
}
