import { badRequest } from '../../types/errors.ts'
import type { ObjectMeta } from '../../types/objects.ts'
import type { ResourceType } from '../../types/resources.ts'
import type { ObjectPath } from './request.ts'

/**
 * Holds the names in an object against those in its address. @throws ApiError 400
 * Reference: k8s.io/apiserver endpoints/handlers.checkName, rest.EnsureObjectNamespaceMatchesRequestNamespace.
 */
export function checkAddress(type: ResourceType, path: ObjectPath, { name, namespace }: Partial<ObjectMeta>): void {
  if (type.namespaced && (namespace ?? '') !== '' && namespace !== path.namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
  }
  if ((name ?? '') === '') {
    throw badRequest(`the name of the object (${path.name} based on URL) was undeterminable: name must be provided`)
  }
  if (name === path.name) return
  throw badRequest(`the name of the object (${name}) does not match the name on the URL (${path.name})`)
}
