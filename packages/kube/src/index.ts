export type {
  Cluster,
  RemoteCommand,
  RemoteCommandOptions,
} from './cluster.ts'
export { connectCluster } from './connect.ts'
export { isConflict, isStatus, KubeApiError } from './errors.ts'
export type { ChangeListener, Informer, InformerOptions, InformerStats } from './informer.ts'
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
  Secrets,
  ServiceAccounts,
  Services,
  type WatchedName,
} from './kinds.ts'
export type { KubeObject, ObjectRef } from './objects.ts'
