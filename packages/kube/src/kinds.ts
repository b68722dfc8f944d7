/** A kind of the API, with the plural that stands in its paths. */
export interface ResourceType {
  apiVersion: string
  kind: string
  plural: string
  namespaced: boolean
  /** Fields that caches keep beside metadata, as paths such as `spec.replicas`; absent: all of them. */
  cached?: readonly string[]
}

/** A kind that Slipway uses. */
export interface Kind extends ResourceType {
  /** Which objects are watched: those with Slipway's label, or all. Absent: none, or by a part that not every cluster needs. */
  watched?: 'labelled' | 'all'
  /** Rendered for an app, and deleted once it no longer is. */
  prunable?: true
  /** Without it a release does not run: a refusal fails the release. */
  vital?: true
  /** Starts pods, which need their release's Secret. */
  runsPods?: true
  /** Guards a namespace. */
  guard?: true
  /** The cluster serves it only where this is installed. */
  needs?: 'gateway' | 'cert-manager' | 'metrics-server'
  /**
   * What changes when somebody else changes the applied part. Absent: it is immutable, unwatched or never applied.
   * `spec` and `labels` are compared whole, because status or metadata of others changes generation or resourceVersion too.
   */
  changesWith?: 'generation' | 'resourceVersion' | 'spec' | 'labels'
}

const namespaced = true
/** Caches keep its metadata alone. */
const METADATA_ONLY: readonly string[] = []

/**
 * Adding a Kubernetes kind is a row here: informers, pruning, the applier and the test of the platform's rights follow from it.
 * Prunable kinds stand in the order in which they are deleted: what leads to pods before the pods, what pods need after them.
 */
export const KINDS = {
  Namespaces: {
    ...{ apiVersion: 'v1', kind: 'Namespace', plural: 'namespaces', namespaced: false },
    ...{ watched: 'labelled', changesWith: 'labels', cached: METADATA_ONLY },
  },
  Nodes: {
    ...{ apiVersion: 'v1', kind: 'Node', plural: 'nodes', namespaced: false, watched: 'all' },
    cached: ['spec.unschedulable', 'status.allocatable', 'status.conditions', 'status.nodeInfo'],
  },
  HTTPRoutes: {
    ...{ apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute', plural: 'httproutes', namespaced },
    ...{ watched: 'labelled', needs: 'gateway', prunable: true, changesWith: 'generation', cached: METADATA_ONLY },
  },
  Ingresses: {
    ...{ apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', plural: 'ingresses', namespaced },
    ...{ watched: 'labelled', prunable: true, changesWith: 'generation', cached: ['spec.tls'] },
  },
  PodDisruptionBudgets: {
    ...{ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', plural: 'poddisruptionbudgets', namespaced },
    ...{ watched: 'labelled', prunable: true, changesWith: 'generation', cached: METADATA_ONLY },
  },
  Deployments: {
    ...{ apiVersion: 'apps/v1', kind: 'Deployment', plural: 'deployments', namespaced },
    ...{ watched: 'labelled', prunable: true, vital: true, runsPods: true, changesWith: 'generation' },
    cached: ['spec.replicas', 'spec.paused', 'spec.progressDeadlineSeconds', 'spec.selector', 'status'],
  },
  Services: {
    ...{ apiVersion: 'v1', kind: 'Service', plural: 'services', namespaced },
    ...{ watched: 'labelled', prunable: true, vital: true, changesWith: 'resourceVersion', cached: METADATA_ONLY },
  },
  Secrets: {
    ...{ apiVersion: 'v1', kind: 'Secret', plural: 'secrets', namespaced },
    ...{ watched: 'labelled', prunable: true, vital: true, cached: METADATA_ONLY },
  },
  ReplicaSets: {
    ...{ apiVersion: 'apps/v1', kind: 'ReplicaSet', plural: 'replicasets', namespaced },
    ...{ watched: 'labelled', cached: ['spec.replicas', 'spec.selector', 'status'] },
  },
  Pods: {
    ...{ apiVersion: 'v1', kind: 'Pod', plural: 'pods', namespaced, watched: 'labelled' },
    cached: [
      ...['spec.nodeName', 'spec.restartPolicy', 'spec.terminationGracePeriodSeconds'],
      ...['spec.containers', 'spec.initContainers', 'status'],
    ],
  },
  Jobs: {
    ...{ apiVersion: 'batch/v1', kind: 'Job', plural: 'jobs', namespaced },
    ...{ watched: 'labelled', changesWith: 'generation' },
    cached: ['spec.suspend', 'spec.activeDeadlineSeconds', 'status'],
  },
  Events: {
    ...{ apiVersion: 'v1', kind: 'Event', plural: 'events', namespaced, watched: 'all' },
    cached: [
      ...['involvedObject.kind', 'involvedObject.name', 'involvedObject.uid', 'type', 'reason', 'message', 'count'],
      ...['firstTimestamp', 'lastTimestamp', 'eventTime', 'series'],
    ],
  },
  ResourceQuotas: {
    ...{ apiVersion: 'v1', kind: 'ResourceQuota', plural: 'resourcequotas', namespaced },
    ...{ watched: 'labelled', guard: true, changesWith: 'spec', cached: ['spec'] },
  },
  LimitRanges: {
    ...{ apiVersion: 'v1', kind: 'LimitRange', plural: 'limitranges', namespaced },
    ...{ watched: 'labelled', guard: true, changesWith: 'spec', cached: ['spec'] },
  },
  NetworkPolicies: {
    ...{ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', plural: 'networkpolicies', namespaced },
    ...{ watched: 'labelled', guard: true, changesWith: 'spec', cached: ['spec'] },
  },
  ServiceAccounts: { apiVersion: 'v1', kind: 'ServiceAccount', plural: 'serviceaccounts', namespaced },
  ConfigMaps: { apiVersion: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced },
  Certificates: {
    ...{ apiVersion: 'cert-manager.io/v1', kind: 'Certificate', plural: 'certificates', namespaced },
    ...{ needs: 'cert-manager', cached: ['status'] },
  },
  PodMetrics: {
    ...{
      apiVersion: 'metrics.k8s.io/v1beta1',
      kind: 'PodMetrics',
      plural: 'pods',
      namespaced,
      needs: 'metrics-server',
    },
  },
  NodeMetrics: {
    ...{ apiVersion: 'metrics.k8s.io/v1beta1', kind: 'NodeMetrics', plural: 'nodes', namespaced: false },
    needs: 'metrics-server',
  },
} as const satisfies Record<string, Kind>

export const { Certificates, ConfigMaps, Deployments, Jobs, Namespaces, NetworkPolicies, NodeMetrics, Nodes } = KINDS
export const { PodMetrics, Pods, ReplicaSets, ResourceQuotas, Secrets, ServiceAccounts, Services, Ingresses } = KINDS

type Names = typeof KINDS
/** Names of the kinds that the one set of informers watches. */
export type WatchedName = { [N in keyof Names]: Names[N] extends { watched: string } ? N : never }[keyof Names]

const ROWS: readonly Kind[] = Object.values(KINDS)

/** Kinds of which an app's left-overs are looked for: without a Gateway the cluster may not serve HTTPRoutes. */
export function prunableKinds({ hasGateway }: { hasGateway: boolean }): readonly Kind[] {
  return ROWS.filter(({ prunable, needs }) => prunable && (needs !== 'gateway' || hasGateway))
}

/**
 * The row of an object's apiVersion and kind.
 * @throws Error for a kind that Slipway does not use.
 */
export function kindOf(object: { apiVersion: string; kind: string }): Kind {
  const found = ROWS.find(({ apiVersion, kind }) => apiVersion === object.apiVersion && kind === object.kind)
  if (found === undefined) throw new Error(`${object.apiVersion} ${object.kind} is not in the table of kinds`)
  return found
}
