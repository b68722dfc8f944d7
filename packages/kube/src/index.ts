export type { Cluster, ExecOptions, ExecResult, ListOptions, LogOptions, PodRef } from './cluster.ts'
export { connectCluster, FIELD_MANAGER } from './connect.ts'
export type { ServerCredentials } from './credentials.ts'
export { isConflict, isNotFound, isStatus, KubeApiError, type StatusDetails } from './errors.ts'
export type { ChangeListener, ChangeType, Informer, InformerOptions, InformerStats } from './informer.ts'
export {
  Certificates,
  ConfigMaps,
  Deployments,
  EndpointSlices,
  Events,
  HTTPRoutes,
  Ingresses,
  Jobs,
  type KubeMetadata,
  type KubeObject,
  keyOf,
  LimitRanges,
  Namespaces,
  NetworkPolicies,
  Nodes,
  type ObjectRef,
  PodDisruptionBudgets,
  Pods,
  ReplicaSets,
  ResourceQuotas,
  type ResourceType,
  resourceTypeOf,
  Secrets,
  ServiceAccounts,
  Services,
} from './objects.ts'
