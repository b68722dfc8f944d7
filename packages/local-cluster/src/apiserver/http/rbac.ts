import { objectList, optionalObject, stringList, stringOf } from '../../types/json.ts'
import type { JsonObject, KubernetesObject } from '../../types/objects.ts'
import { ClusterRoleBindings, ClusterRoles, RoleBindings, Roles } from '../../types/resources.ts'
import type { ApiCore } from '../core/core.ts'
import { asJson } from '../core/decode-body.ts'
import type { Attributes, ResourceAttributes } from './attributes.ts'
import type { UserInfo } from './tokens.ts'

/** What everybody may read who has an account, as the role system:discovery grants it. */
const discovery = /^\/(?:api|apis|openapi|healthz|livez|readyz|version)(?:\/|$)/
const accountPrefix = 'system:serviceaccount:'

/**
 * Whether Roles, ClusterRoles and their bindings let a user do this; system:masters may do everything. Reads what is stored now:
 * a binding that is deleted counts for the next request.
 * Reference: https://kubernetes.io/docs/reference/access-authn-authz/rbac/
 */
export function isAllowed(core: ApiCore, user: UserInfo, asked: Attributes): boolean {
  if (user.groups.includes('system:masters')) return true
  const known = user.groups.includes('system:authenticated')
  if (known && 'path' in asked && asked.verb === 'get' && discovery.test(asked.path)) return true
  return rulesFor(core, user, 'path' in asked ? undefined : asked.namespace).some((rule) => grants(rule, asked))
}

function rulesFor(core: ApiCore, user: UserInfo, namespace: string | undefined): JsonObject[] {
  const bindings = core.list(ClusterRoleBindings, {})
  if (namespace !== undefined) bindings.push(...core.list(RoleBindings, { namespace }))
  return bindings.filter((binding) => isBound(binding, user)).flatMap((binding) => rulesOf(core, binding))
}

function isBound(binding: KubernetesObject, user: UserInfo): boolean {
  return objectList(asJson(binding), 'subjects').some((subject) => {
    const name = stringOf(subject, 'name')
    const kind = stringOf(subject, 'kind')
    if (kind === 'Group') return user.groups.includes(name)
    if (kind === 'User') return user.username === name
    const namespace = stringOf(subject, 'namespace') || (binding.metadata.namespace ?? '')
    return user.username === `${accountPrefix}${namespace}:${name}`
  })
}

function rulesOf(core: ApiCore, binding: KubernetesObject): JsonObject[] {
  const reference = optionalObject(asJson(binding), 'roleRef')
  const name = stringOf(reference, 'name')
  const { namespace = '' } = binding.metadata
  const role =
    stringOf(reference, 'kind') === 'ClusterRole'
      ? core.find(ClusterRoles, { name })
      : core.find(Roles, { namespace, name })
  return role === null ? [] : objectList(asJson(role), 'rules')
}

function grants(rule: JsonObject, asked: Attributes): boolean {
  if (!has(rule, 'verbs', asked.verb)) return false
  if ('path' in asked) return stringList(rule, 'nonResourceURLs').some((pattern) => covers(pattern, asked.path))
  return has(rule, 'apiGroups', asked.group) && hasResource(rule, asked) && hasName(rule, asked.name)
}

const has = (rule: JsonObject, field: string, value: string) => {
  const values = stringList(rule, field)
  return values.includes(value) || values.includes('*')
}

function hasResource(rule: JsonObject, { resource, subresource }: ResourceAttributes): boolean {
  if (subresource === undefined) return has(rule, 'resources', resource)
  return (
    has(rule, 'resources', `${resource}/${subresource}`) || stringList(rule, 'resources').includes(`*/${subresource}`)
  )
}

function hasName(rule: JsonObject, name: string | undefined): boolean {
  const names = stringList(rule, 'resourceNames')
  return names.length === 0 || (name !== undefined && names.includes(name))
}

const covers = (pattern: string, path: string) =>
  pattern.endsWith('*') ? path.startsWith(pattern.slice(0, -1)) : pattern === path
