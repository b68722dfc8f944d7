import type { ResourceType } from './kinds.ts'

/** JSON as it is on the wire; times stay RFC 3339 strings. */
export interface KubeMetadata {
  name: string
  generateName?: string
  namespace?: string
  uid?: string
  resourceVersion?: string
  generation?: number
  creationTimestamp?: string
  deletionTimestamp?: string
  labels?: Record<string, string>
  annotations?: Record<string, string>
  ownerReferences?: { apiVersion: string; kind: string; name: string; uid: string; controller?: boolean }[]
  finalizers?: string[]
}

/** Any Kubernetes object. Kinds narrow it. */
export interface KubeObject {
  apiVersion: string
  kind: string
  metadata: KubeMetadata
}

/** Names one object. */
export interface ObjectRef {
  apiVersion: string
  kind: string
  namespace?: string
  name: string
}

/** Path of a collection or, with a name, of one object. Every part is encoded. */
export function pathOf(resource: ResourceType, namespace?: string, name?: string): string {
  const group = resource.apiVersion.includes('/') ? `/apis/${resource.apiVersion}` : `/api/${resource.apiVersion}`
  const scope = resource.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : ''
  const object = name === undefined ? '' : `/${encodeURIComponent(name)}`
  return `${group}${scope}/${resource.plural}${object}`
}

/** Key of an object in caches: `namespace/name`, or the name of a cluster-scoped one. */
export function keyOf(object: { metadata: { namespace?: string; name: string } }): string {
  const { namespace, name } = object.metadata
  return namespace === undefined ? name : `${namespace}/${name}`
}
