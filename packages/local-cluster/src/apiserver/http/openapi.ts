import { createHash } from 'node:crypto'
import { groupOf, type ResourceType, versionOf } from '../../types/resources.ts'
import { kindStrategies } from '../kinds/index.ts'

const queryParameters = ['dryRun', 'fieldManager', 'fieldValidation', 'force']

/**
 * What kubectl asks of OpenAPI before it applies: which query parameters the kinds take. Schemas are not described.
 * Null for a path that is not served. Reference: https://kubernetes.io/docs/concepts/overview/kubernetes-api/#openapi-v3
 */
export function openApiDocument(path: string): unknown {
  const versions = Map.groupBy(kindStrategies, ({ type: { apiVersion } }) =>
    apiVersion.includes('/') ? `apis/${apiVersion}` : `api/${apiVersion}`,
  )
  if (path === '/openapi/v3') {
    const entries = [...versions].map(([name, kinds]) => {
      const hash = createHash('sha256')
        .update(JSON.stringify(kinds.map(({ type }) => type)))
        .digest('hex')
      return [name, { serverRelativeURL: `/openapi/v3/${name}?hash=${hash}` }]
    })
    return { paths: Object.fromEntries(entries) }
  }
  const name = path.slice('/openapi/v3/'.length)
  const kinds = versions.get(name)
  if (kinds === undefined) return null
  const paths = Object.assign({}, ...kinds.map(({ type }) => pathsOf(name, type)))
  return { openapi: '3.0.0', info: { title: 'Kubernetes', version: 'unversioned' }, paths, components: { schemas: {} } }
}

function pathsOf(name: string, type: ResourceType) {
  const operation = (parameters: readonly string[]) => ({
    parameters: parameters.map((each) => ({ name: each, in: 'query', schema: { type: 'string' } })),
    responses: { 200: { description: 'OK' } },
    'x-kubernetes-group-version-kind': { group: groupOf(type), version: versionOf(type), kind: type.kind },
  })
  const root = `/${name}${type.namespaced ? '/namespaces/{namespace}' : ''}/${type.plural}`
  return {
    [root]: { get: operation([]), post: operation(queryParameters) },
    [`${root}/{name}`]: {
      get: operation([]),
      put: operation(queryParameters),
      delete: operation(['dryRun']),
      patch: operation(queryParameters),
    },
  }
}
