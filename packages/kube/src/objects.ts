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

/** A kind of the API, with the plural that stands in its paths. */
export interface ResourceType {
  apiVersion: string
  kind: string
  plural: string
  namespaced: boolean
}

/** Names one object. */
export interface ObjectRef {
  apiVersion: string
  kind: string
  namespace?: string
  name: string
}

const type = (apiVersion: string, kind: string, plural: string, namespaced = true): ResourceType => ({
  apiVersion,
  kind,
  plural,
  namespaced,
})

export const Namespaces = type('v1', 'Namespace', 'namespaces', false)
export const Nodes = type('v1', 'Node', 'nodes', false)
export const Pods = type('v1', 'Pod', 'pods')
export const Services = type('v1', 'Service', 'services')
export const Secrets = type('v1', 'Secret', 'secrets')
export const ServiceAccounts = type('v1', 'ServiceAccount', 'serviceaccounts')
export const ConfigMaps = type('v1', 'ConfigMap', 'configmaps')
export const Events = type('v1', 'Event', 'events')
export const ResourceQuotas = type('v1', 'ResourceQuota', 'resourcequotas')
export const LimitRanges = type('v1', 'LimitRange', 'limitranges')
export const Deployments = type('apps/v1', 'Deployment', 'deployments')
export const ReplicaSets = type('apps/v1', 'ReplicaSet', 'replicasets')
export const Jobs = type('batch/v1', 'Job', 'jobs')
export const Ingresses = type('networking.k8s.io/v1', 'Ingress', 'ingresses')
export const NetworkPolicies = type('networking.k8s.io/v1', 'NetworkPolicy', 'networkpolicies')
export const HTTPRoutes = type('gateway.networking.k8s.io/v1', 'HTTPRoute', 'httproutes')
export const Certificates = type('cert-manager.io/v1', 'Certificate', 'certificates')
export const PodDisruptionBudgets = type('policy/v1', 'PodDisruptionBudget', 'poddisruptionbudgets')
export const EndpointSlices = type('discovery.k8s.io/v1', 'EndpointSlice', 'endpointslices')

const KNOWN_TYPES: readonly ResourceType[] = [
  Namespaces,
  Nodes,
  Pods,
  Services,
  Secrets,
  ServiceAccounts,
  ConfigMaps,
  Events,
  ResourceQuotas,
  LimitRanges,
  Deployments,
  ReplicaSets,
  Jobs,
  Ingresses,
  NetworkPolicies,
  HTTPRoutes,
  Certificates,
  PodDisruptionBudgets,
  EndpointSlices,
]

/**
 * The type of an object's apiVersion and kind.
 * @throws Error for a kind that Slipway does not use.
 */
export function resourceTypeOf(object: { apiVersion: string; kind: string }): ResourceType {
  const found = KNOWN_TYPES.find((known) => known.apiVersion === object.apiVersion && known.kind === object.kind)
  if (found === undefined) throw new Error(`no resource type is known for ${object.apiVersion} ${object.kind}`)
  return found
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
