import type { ServedVersion } from '../../kinds/views/index.ts'
import { groupVersionKind } from './definitions.ts'

/** `api/v1`, `apis/apps/v1`: the root of a version, and the name of its document in OpenAPI v3. */
export function documentName(apiVersion: string): string {
  return apiVersion.includes('/') ? `apis/${apiVersion}` : `api/${apiVersion}`
}

const queryParameters = ['dryRun', 'fieldManager', 'fieldValidation', 'force']

/** The collection and the object of each kind, with what kubectl looks for: their kinds, and which query parameters they take. */
export function pathsOf(kinds: readonly ServedVersion[], parameter: (name: string, type: string) => unknown) {
  const paths: Record<string, unknown> = {}
  const parameters = queryParameters.map((name) => parameter(name, name === 'force' ? 'boolean' : 'string'))
  for (const kind of kinds) {
    const operation = (action: string, takes: unknown[] = []) => ({
      parameters: takes,
      responses: { 200: { description: 'OK' } },
      'x-kubernetes-action': action,
      'x-kubernetes-group-version-kind': groupVersionKind(kind),
    })
    const { apiVersion, namespaced, plural } = kind.type
    const root = `/${documentName(apiVersion)}${namespaced ? '/namespaces/{namespace}' : ''}/${plural}`
    paths[root] = { get: operation('list'), post: operation('post', parameters) }
    paths[`${root}/{name}`] = {
      get: operation('get'),
      put: operation('put', parameters),
      delete: operation('delete', parameters.slice(0, 1)),
      patch: operation('patch', parameters),
    }
  }
  return paths
}
