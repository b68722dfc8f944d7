import type { KindRules } from '../core/strategy.ts'
import { groupOf, versionOf } from '../resources.ts'

/**
 * As much of OpenAPI v3 as kubectl reads before it applies: which kinds take which query parameters. The schemas are left
 * open, as fields are checked on the server (`fieldValidation`).
 * Reference: https://kubernetes.io/docs/concepts/overview/kubernetes-api/#openapi-v3
 */
export function openApiDocument(kinds: readonly KindRules[], path: string): unknown {
  const versions = Map.groupBy(kinds, ({ type }) => documentName(type.apiVersion))
  if (path === '/openapi/v3') {
    const paths = [...versions.keys()].map((name) => [name, { serverRelativeURL: `/openapi/v3/${name}` }])
    return { paths: Object.fromEntries(paths) }
  }
  const served = versions.get(path.slice('/openapi/v3/'.length))
  if (served === undefined) return null
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'v1.36.2' },
    paths: Object.fromEntries(served.map((strategy) => [resourcePath(strategy), operations(strategy)])),
    components: { schemas: Object.fromEntries(served.map((strategy) => [schemaName(strategy), openSchema(strategy)])) },
  }
}

function documentName(apiVersion: string): string {
  return apiVersion.includes('/') ? `apis/${apiVersion}` : `api/${apiVersion}`
}

function resourcePath({ type }: KindRules): string {
  const scope = type.namespaced ? '/namespaces/{namespace}' : ''
  return `/${documentName(type.apiVersion)}${scope}/${type.plural}/{name}`
}

function schemaName({ type }: KindRules): string {
  return `io.k8s.api.${(groupOf(type) || 'core').replace(/\..*$/, '')}.${versionOf(type)}.${type.kind}`
}

function groupVersionKind({ type }: KindRules) {
  return { group: groupOf(type), version: versionOf(type), kind: type.kind }
}

function openSchema(strategy: KindRules) {
  return {
    type: 'object',
    'x-kubernetes-preserve-unknown-fields': true,
    'x-kubernetes-group-version-kind': [groupVersionKind(strategy)],
  }
}

const parameters = ['dryRun', 'fieldManager', 'fieldValidation', 'force'].map((name) => ({
  name,
  in: 'query',
  schema: { type: name === 'force' ? 'boolean' : 'string', uniqueItems: true },
}))

function operations(strategy: KindRules) {
  const operation = (action: string) => ({
    parameters,
    responses: { 200: { description: 'OK' } },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': groupVersionKind(strategy),
  })
  return { get: operation('get'), put: operation('put'), patch: operation('patch'), delete: operation('delete') }
}
