import {
  type ChangeListener,
  type Cluster,
  Deployments,
  Events,
  HTTPRoutes,
  type Informer,
  Ingresses,
  Jobs,
  type KubeObject,
  LimitRanges,
  Namespaces,
  NetworkPolicies,
  Nodes,
  PodDisruptionBudgets,
  Pods,
  ReplicaSets,
  ResourceQuotas,
  type ResourceType,
  Secrets,
  Services,
} from '@slipway/kube'
import { LABELS, MANAGER } from '@slipway/manifests'
import type { Deployment, ReplicaSet } from 'kubernetes-types/apps/v1.d.ts'
import type { Job } from 'kubernetes-types/batch/v1.d.ts'
import type { Event, Node, Pod } from 'kubernetes-types/core/v1.d.ts'

export type Kube<T> = T & KubeObject

/** `<namespace>/<app>`: how objects name the app they belong to. */
export type AppKey = string
export const appKeyOf = (namespace: string, app: string): AppKey => `${namespace}/${app}`

const OURS = `${LABELS.managedBy}=${MANAGER}`
const JOB_NAME = 'batch.kubernetes.io/job-name'
const WATCHED = {
  deployments: Deployments,
  services: Services,
  ingresses: Ingresses,
  budgets: PodDisruptionBudgets,
  secrets: Secrets,
}
const ROUTED = { httpRoutes: HTTPRoutes }
const GUARDS = { quotas: ResourceQuotas, limitRanges: LimitRanges, networkPolicies: NetworkPolicies }
/** A cluster that came back is heard of within this. */
const BACKOFF = { baseMs: 200, maxMs: 3000 }

const labelOf = (object: KubeObject, label: string): string | undefined => object.metadata.labels?.[label]

export function keyOfApp(object: KubeObject): AppKey[] {
  const app = labelOf(object, LABELS.app)
  return app === undefined ? [] : [appKeyOf(object.metadata.namespace ?? '', app)]
}

/**
 * Makes the informers; nothing is asked of the cluster before `start`. HTTPRoutes are watched only where they are made: a cluster
 * without Gateway API has no such kind.
 */
export function createInformers(cluster: Cluster, options: { hasGateway: boolean }): Informers {
  const byApp = { app: keyOfApp }
  const informer = <T extends KubeObject>(
    type: ResourceType,
    indexes: Record<string, (object: T) => readonly string[]>,
  ) => cluster.informer<T>(type, { labelSelector: OURS, indexes, backoff: BACKOFF })
  const rendered = {
    deployments: informer<Kube<Deployment>>(WATCHED.deployments, byApp),
    services: informer<KubeObject>(WATCHED.services, byApp),
    ingresses: informer<KubeObject>(WATCHED.ingresses, byApp),
    budgets: informer<KubeObject>(WATCHED.budgets, byApp),
    secrets: informer<KubeObject>(WATCHED.secrets, byApp),
    ...(options.hasGateway ? { httpRoutes: informer<KubeObject>(ROUTED.httpRoutes, byApp) } : {}),
  }
  const guards = {
    quotas: informer<KubeObject>(GUARDS.quotas, {}),
    limitRanges: informer<KubeObject>(GUARDS.limitRanges, {}),
    networkPolicies: informer<KubeObject>(GUARDS.networkPolicies, {}),
  }
  const others = {
    replicaSets: informer<Kube<ReplicaSet>>(ReplicaSets, byApp),
    pods: informer<Kube<Pod>>(Pods, {
      ...byApp,
      namespace: (pod) => [pod.metadata.namespace ?? ''],
      job: (pod) => {
        const job = labelOf(pod, JOB_NAME) ?? labelOf(pod, 'job-name')
        return job === undefined ? [] : [`${pod.metadata.namespace}/${job}`]
      },
    }),
    jobs: informer<Kube<Job>>(Jobs, {}),
    namespaces: informer<KubeObject>(Namespaces, {}),
    // Nodes and events carry no labels of ours.
    nodes: cluster.informer<Kube<Node>>(Nodes, { backoff: BACKOFF }),
    events: cluster.informer<Kube<Event>>(Events, {
      backoff: BACKOFF,
      indexes: { about: (event) => [`${event.metadata.namespace}/${event.involvedObject.name}`] },
    }),
  }
  return { rendered, guards, others }
}

type Rendered = Record<Exclude<keyof typeof WATCHED, 'deployments'>, Informer<KubeObject>> & {
  deployments: Informer<Kube<Deployment>>
  httpRoutes?: Informer<KubeObject>
}
type Guards = Record<keyof typeof GUARDS, Informer<KubeObject>>
interface Others {
  replicaSets: Informer<Kube<ReplicaSet>>
  pods: Informer<Kube<Pod>>
  jobs: Informer<Kube<Job>>
  namespaces: Informer<KubeObject>
  nodes: Informer<Kube<Node>>
  events: Informer<Kube<Event>>
}

/** The one set of informers of a platform process. */
export interface Informers {
  rendered: Rendered
  guards: Guards
  others: Others
}

/** Informers of what the controllers apply. */
export function informersByKind({ rendered, guards, others: { jobs, namespaces } }: Informers) {
  const types: Record<string, ResourceType> = { ...WATCHED, ...ROUTED, ...GUARDS }
  const all = Object.entries({ ...rendered, ...guards }).map(([name, each]): [string, Informer<KubeObject>] => [
    types[name]?.kind ?? name,
    each as Informer<KubeObject>,
  ])
  return new Map<string, Pick<Informer<KubeObject>, 'get'>>([...all, ['Namespace', namespaces], ['Job', jobs]])
}

/** Tells of guards whose spec changed, not of a quota whose status counts one pod more. */
export function specChange(listener: (namespace: string) => void): ChangeListener<KubeObject> {
  const specOf = (object: KubeObject) => JSON.stringify(Reflect.get(object, 'spec') ?? null)
  return (change, object, previous) => {
    if (change === 'modified' && previous !== undefined && specOf(previous) === specOf(object)) return
    listener(object.metadata.namespace ?? '')
  }
}
