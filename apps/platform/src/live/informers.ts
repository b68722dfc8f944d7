import {
  type ChangeListener,
  type Cluster,
  type Informer,
  type InformerOptions,
  KINDS,
  type Kind,
  type KubeObject,
  type WatchedName,
} from '@slipway/kube'
import { isOurNamespace, LABELS, MANAGER } from '@slipway/manifests'
import type { Deployment, ReplicaSet } from 'kubernetes-types/apps/v1.d.ts'
import type { Job } from 'kubernetes-types/batch/v1.d.ts'
import type { Event, Node, Pod } from 'kubernetes-types/core/v1.d.ts'

export type Kube<T> = T & KubeObject

/** Key of the index of an app's objects. */
export const appKeyOf = (namespace: string, app: string): string => `${namespace}/${app}`

const OURS = `${LABELS.managedBy}=${MANAGER}`
const JOB_NAME = 'batch.kubernetes.io/job-name'
/** A cluster that came back is heard of within this. */
const BACKOFF = { baseMs: 200, maxMs: 3000 }

const labelOf = (object: KubeObject, label: string): string | undefined => object.metadata.labels?.[label]

function keyOfApp(object: KubeObject): string[] {
  const app = labelOf(object, LABELS.app)
  return app === undefined ? [] : [appKeyOf(object.metadata.namespace ?? '', app)]
}

/** Kinds whose fields are read, beside the metadata that all have. */
interface Typed {
  Deployments: Kube<Deployment>
  ReplicaSets: Kube<ReplicaSet>
  Pods: Kube<Pod>
  Jobs: Kube<Job>
  Nodes: Kube<Node>
  Events: Kube<Event>
}
type ObjectOf<N extends WatchedName> = N extends keyof Typed ? Typed[N] : KubeObject

/** The one set of informers of a platform process, by the names of the table of kinds. */
export type Informers = { [N in Exclude<WatchedName, 'HTTPRoutes'>]: Informer<ObjectOf<N>> } & {
  /** Only with a Gateway. */
  HTTPRoutes?: Informer<KubeObject>
}

const byApp = { app: keyOfApp }

/** What some informers need beside their row. */
const OPTIONS: Readonly<Record<string, InformerOptions<KubeObject>>> = {
  Pods: {
    indexes: {
      ...byApp,
      namespace: (pod) => [pod.metadata.namespace ?? ''],
      job: (pod) => {
        const job = labelOf(pod, JOB_NAME) ?? labelOf(pod, 'job-name')
        return job === undefined ? [] : [`${pod.metadata.namespace}/${job}`]
      },
    },
  },
  // Events carry no labels of ours, and no selector takes the prefix of a namespace.
  Events: {
    indexes: { about: (event) => [`${event.metadata.namespace}/${(event as Kube<Event>).involvedObject.name}`] },
    transform: (event) => (isOurNamespace(event.metadata.namespace ?? '') ? event : null),
  },
} satisfies { [N in WatchedName]?: InformerOptions<KubeObject> }

/** Makes the informers; nothing is asked of the cluster before `start`. */
export function createInformers(cluster: Cluster, { hasGateway }: { hasGateway: boolean }): Informers {
  const rows: [string, Kind][] = Object.entries(KINDS)
  const made = rows
    .filter(([, { watched, needs }]) => watched !== undefined && (needs !== 'gateway' || hasGateway))
    .map(([name, kind]) => {
      const selector = kind.watched === 'labelled' ? { labelSelector: OURS } : {}
      const options = { indexes: byApp, ...OPTIONS[name], ...selector, backoff: BACKOFF }
      return [name, cluster.informer<KubeObject>(kind, options)] as const
    })
  return Object.fromEntries(made) as unknown as Informers
}

/** The informers by their rows in the table of kinds. */
export function informersByKind(informers: Informers): Map<Kind, Informer<KubeObject>> {
  const entries = Object.entries<Informer<KubeObject>>({ ...informers })
  return new Map(entries.map(([name, informer]) => [KINDS[name as WatchedName], informer]))
}

/** Tells of guards whose spec changed, not of a quota whose status counts one pod more. */
export function specChange(listener: (namespace: string) => void): ChangeListener<KubeObject> {
  const specOf = (object: KubeObject) => JSON.stringify(Reflect.get(object, 'spec') ?? null)
  return (change, object, previous) => {
    if (change === 'modified' && previous !== undefined && specOf(previous) === specOf(object)) return
    listener(object.metadata.namespace ?? '')
  }
}
