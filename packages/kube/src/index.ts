export type {
  Cluster,
  ListOptions,
  LogOptions,
  PodRef,
  RemoteCommand,
  RemoteCommandOptions,
  TerminalSize,
} from './cluster.ts'
export { connectCluster, FIELD_MANAGER } from './connect.ts'
export { isConflict, isNotFound, isStatus, KubeApiError, type StatusDetails } from './errors.ts'
export type { ChangeListener, ChangeType, Informer, InformerOptions, InformerStats } from './informer.ts'
export {
  Certificates,
  ConfigMaps,
  Deployments,
  Ingresses,
  Jobs,
  KINDS,
  type Kind,
  kindOf,
  Namespaces,
  NetworkPolicies,
  NodeMetrics,
  Nodes,
  PodMetrics,
  Pods,
  prunableKinds,
  ReplicaSets,
  ResourceQuotas,
  type ResourceType,
  Secrets,
  ServiceAccounts,
  Services,
  type WatchedName,
} from './kinds.ts'
export { type KubeMetadata, type KubeObject, keyOf, type ObjectRef } from './objects.ts'
export type { ServerCredentials } from './server-credentials.ts'
