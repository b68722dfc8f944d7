/**
 * The kinds this API server serves, as discovery describes them.
 * Reference: https://kubernetes.io/docs/reference/kubernetes-api/ (1.36).
 */
export interface ResourceType {
  apiVersion: string
  kind: string
  plural: string
  namespaced: boolean
}

export const Namespaces: ResourceType = { apiVersion: 'v1', kind: 'Namespace', plural: 'namespaces', namespaced: false }
export const Nodes: ResourceType = { apiVersion: 'v1', kind: 'Node', plural: 'nodes', namespaced: false }
export const PersistentVolumes: ResourceType = {
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  plural: 'persistentvolumes',
  namespaced: false,
}
export const Pods: ResourceType = { apiVersion: 'v1', kind: 'Pod', plural: 'pods', namespaced: true }
export const Services: ResourceType = { apiVersion: 'v1', kind: 'Service', plural: 'services', namespaced: true }
export const Secrets: ResourceType = { apiVersion: 'v1', kind: 'Secret', plural: 'secrets', namespaced: true }
export const ConfigMaps: ResourceType = { apiVersion: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true }
export const ServiceAccounts: ResourceType = {
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  namespaced: true,
}
export const Events: ResourceType = { apiVersion: 'v1', kind: 'Event', plural: 'events', namespaced: true }
export const ResourceQuotas: ResourceType = {
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  plural: 'resourcequotas',
  namespaced: true,
}
export const LimitRanges: ResourceType = {
  apiVersion: 'v1',
  kind: 'LimitRange',
  plural: 'limitranges',
  namespaced: true,
}
export const PersistentVolumeClaims: ResourceType = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  plural: 'persistentvolumeclaims',
  namespaced: true,
}
export const Deployments: ResourceType = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  plural: 'deployments',
  namespaced: true,
}
export const ReplicaSets: ResourceType = {
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  plural: 'replicasets',
  namespaced: true,
}
export const StatefulSets: ResourceType = {
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  plural: 'statefulsets',
  namespaced: true,
}
export const DaemonSets: ResourceType = {
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  plural: 'daemonsets',
  namespaced: true,
}
export const ControllerRevisions: ResourceType = {
  apiVersion: 'apps/v1',
  kind: 'ControllerRevision',
  plural: 'controllerrevisions',
  namespaced: true,
}
export const Jobs: ResourceType = { apiVersion: 'batch/v1', kind: 'Job', plural: 'jobs', namespaced: true }
export const CronJobs: ResourceType = { apiVersion: 'batch/v1', kind: 'CronJob', plural: 'cronjobs', namespaced: true }
export const Ingresses: ResourceType = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  plural: 'ingresses',
  namespaced: true,
}
export const IngressClasses: ResourceType = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'IngressClass',
  plural: 'ingressclasses',
  namespaced: false,
}
export const NetworkPolicies: ResourceType = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  plural: 'networkpolicies',
  namespaced: true,
}
export const PodDisruptionBudgets: ResourceType = {
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  plural: 'poddisruptionbudgets',
  namespaced: true,
}
export const EndpointSlices: ResourceType = {
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  plural: 'endpointslices',
  namespaced: true,
}
export const StorageClasses: ResourceType = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  plural: 'storageclasses',
  namespaced: false,
}
export const Roles: ResourceType = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'Role',
  plural: 'roles',
  namespaced: true,
}
export const ClusterRoles: ResourceType = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  plural: 'clusterroles',
  namespaced: false,
}
export const RoleBindings: ResourceType = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'RoleBinding',
  plural: 'rolebindings',
  namespaced: true,
}
export const ClusterRoleBindings: ResourceType = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  plural: 'clusterrolebindings',
  namespaced: false,
}
export const GatewayClasses: ResourceType = {
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'GatewayClass',
  plural: 'gatewayclasses',
  namespaced: false,
}
export const Gateways: ResourceType = {
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'Gateway',
  plural: 'gateways',
  namespaced: true,
}
export const HttpRoutes: ResourceType = {
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'HTTPRoute',
  plural: 'httproutes',
  namespaced: true,
}

/** Every kind that is stored, in the order discovery lists them. */
export const allResourceTypes: readonly ResourceType[] = [
  ConfigMaps,
  Events,
  LimitRanges,
  Namespaces,
  Nodes,
  PersistentVolumeClaims,
  PersistentVolumes,
  Pods,
  ResourceQuotas,
  Secrets,
  ServiceAccounts,
  Services,
  ControllerRevisions,
  DaemonSets,
  Deployments,
  ReplicaSets,
  StatefulSets,
  CronJobs,
  Jobs,
  IngressClasses,
  Ingresses,
  NetworkPolicies,
  PodDisruptionBudgets,
  Roles,
  ClusterRoles,
  RoleBindings,
  ClusterRoleBindings,
  StorageClasses,
  EndpointSlices,
  GatewayClasses,
  Gateways,
  HttpRoutes,
]

/** API group of a type; the core group is the empty string. */
export function groupOf(type: { apiVersion: string }): string {
  const slash = type.apiVersion.indexOf('/')
  return slash < 0 ? '' : type.apiVersion.slice(0, slash)
}

/** Version of a type inside its group. */
export function versionOf(type: { apiVersion: string }): string {
  return type.apiVersion.slice(type.apiVersion.indexOf('/') + 1)
}

/** `deployments.apps`, `pods`: how Kubernetes names a resource in its messages. */
export function groupResourceName(type: Pick<ResourceType, 'apiVersion' | 'plural'>): string {
  const group = groupOf(type)
  return group === '' ? type.plural : `${type.plural}.${group}`
}
