import {
  type Cluster,
  Deployments,
  Events,
  type Informer,
  type InformerStats,
  Ingresses,
  Jobs,
  type KubeObject,
  Namespaces,
  PodDisruptionBudgets,
  Pods,
  ReplicaSets,
  type ResourceType,
  Secrets,
  Services,
} from '@slipway/kube'
import { BUILD_ID_ANNOTATION, LABELS, MANAGER } from '@slipway/manifests'
import type { Deployment, ReplicaSet } from 'kubernetes-types/apps/v1.d.ts'
import type { Job } from 'kubernetes-types/batch/v1.d.ts'
import type { Event, Pod } from 'kubernetes-types/core/v1.d.ts'

export type Kube<T> = T & KubeObject

/** Objects of one app, as the informers have them. */
export interface CachedApp {
  deployments: Kube<Deployment>[]
  replicaSets: Kube<ReplicaSet>[]
  pods: Kube<Pod>[]
  events: Kube<Event>[]
}

/** `<namespace>/<app>`: how objects name the app they belong to. */
export type AppKey = string
export const appKeyOf = (namespace: string, app: string): AppKey => `${namespace}/${app}`

/** The one set of informers of a platform process: the controllers and every live stream read from it. */
export interface ClusterCaches {
  start(): void
  stop(): Promise<void>
  /** True once every informer has listed. */
  isSynced(): boolean
  synced(): Promise<void>
  /** Milliseconds for which the cluster has not been heard of; 0 while the watches are open. */
  silentForMs(): number
  app(namespace: string, app: string): CachedApp
  /** Everything Slipway made for an app, of the kinds that are rendered. */
  rendered(namespace: string, app: string): KubeObject[]
  find(object: { apiVersion: string; kind: string; namespace?: string; name: string }): KubeObject | undefined
  podsOf(namespace: string): Kube<Pod>[]
  job(namespace: string, name: string): Kube<Job> | undefined
  podsOfJob(namespace: string, job: string): Kube<Pod>[]
  /** Something about an app may have changed. */
  onAppChange(listener: (key: AppKey) => void): () => void
  /** The Job of a build, or a pod of it, changed: both carry the build's id. */
  onBuildChange(listener: (buildId: string) => void): () => void
  onNamespaceChange(listener: (namespace: string) => void): () => void
  stats(): Record<string, InformerStats>
}

const OURS = `${LABELS.managedBy}=${MANAGER}`
const JOB_NAME = 'batch.kubernetes.io/job-name'
const WATCHED = {
  deployments: Deployments,
  services: Services,
  ingresses: Ingresses,
  budgets: PodDisruptionBudgets,
  secrets: Secrets,
}

const labelOf = (object: KubeObject, label: string): string | undefined => object.metadata.labels?.[label]

function keyOfApp(object: KubeObject): AppKey[] {
  const app = labelOf(object, LABELS.app)
  return app === undefined ? [] : [appKeyOf(object.metadata.namespace ?? '', app)]
}

/** Makes the informers; nothing is asked of the cluster before `start`. */
export function createClusterCaches(cluster: Cluster): ClusterCaches {
  const byApp = { app: keyOfApp }
  const informer = <T extends KubeObject>(
    type: ResourceType,
    indexes: Record<string, (object: T) => readonly string[]>,
  ) => cluster.informer<T>(type, { labelSelector: OURS, indexes })
  const rendered = {
    deployments: informer<Kube<Deployment>>(WATCHED.deployments, byApp),
    services: informer<KubeObject>(WATCHED.services, byApp),
    ingresses: informer<KubeObject>(WATCHED.ingresses, byApp),
    budgets: informer<KubeObject>(WATCHED.budgets, byApp),
    secrets: informer<KubeObject>(WATCHED.secrets, byApp),
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
    // Events carry no labels of ours.
    events: cluster.informer<Kube<Event>>(Events, {
      indexes: { about: (event) => [`${event.metadata.namespace}/${event.involvedObject.name}`] },
    }),
  }
  return cachesOver(rendered, others)
}

type Rendered = Record<Exclude<keyof typeof WATCHED, 'deployments'>, Informer<KubeObject>> & {
  deployments: Informer<Kube<Deployment>>
}
interface Others {
  replicaSets: Informer<Kube<ReplicaSet>>
  pods: Informer<Kube<Pod>>
  jobs: Informer<Kube<Job>>
  namespaces: Informer<KubeObject>
  events: Informer<Kube<Event>>
}

function cachesOver(rendered: Rendered, others: Others): ClusterCaches {
  const informers: Record<string, Pick<Informer<KubeObject>, 'start' | 'stop' | 'synced' | 'stats'>> = {
    ...rendered,
    ...others,
  }
  const all = Object.values(informers)
  const { replicaSets, pods, jobs, namespaces, events } = others
  let silentSince: number | null = null
  let timer: NodeJS.Timeout | undefined

  function app(namespace: string, name: string): CachedApp {
    const key = appKeyOf(namespace, name)
    const found = {
      deployments: rendered.deployments.byIndex('app', key),
      replicaSets: replicaSets.byIndex('app', key),
      pods: pods.byIndex('app', key),
    }
    const names = new Set([...found.deployments, ...found.replicaSets, ...found.pods].map((each) => each.metadata.name))
    return { ...found, events: [...names].flatMap((each) => events.byIndex('about', `${namespace}/${each}`)) }
  }

  /** The app that an event is about, by the object it names. */
  function appOfEvent(event: Kube<Event>): AppKey[] {
    const { name = '' } = event.involvedObject
    const namespace = event.metadata.namespace ?? ''
    const about =
      pods.get(namespace, name) ?? replicaSets.get(namespace, name) ?? rendered.deployments.get(namespace, name)
    return about === undefined ? [] : keyOfApp(about)
  }

  return {
    start() {
      for (const each of all) each.start()
      timer = setInterval(() => {
        if (pods.stats().connected) silentSince = null
        else silentSince ??= Date.now()
      }, 1000)
    },
    async stop() {
      clearInterval(timer)
      await Promise.all(all.map((each) => each.stop()))
    },
    isSynced: () => all.every((each) => each.stats().synced),
    async synced() {
      await Promise.all(all.map((each) => each.synced()))
    },
    silentForMs: () => (silentSince === null ? 0 : Date.now() - silentSince),
    app,
    rendered: (namespace, name) =>
      Object.values(rendered).flatMap((each) => each.byIndex('app', appKeyOf(namespace, name))),
    find({ kind, namespace, name }) {
      const type = Object.entries(WATCHED).find(([, each]) => each.kind === kind)?.[0]
      if (kind === 'Namespace') return namespaces.get(undefined, name)
      if (kind === 'Job') return jobs.get(namespace, name)
      return type === undefined
        ? undefined
        : (rendered as Record<string, Informer<KubeObject>>)[type]?.get(namespace, name)
    },
    podsOf: (namespace) => pods.byIndex('namespace', namespace),
    job: (namespace, name) => jobs.get(namespace, name),
    podsOfJob: (namespace, job) => pods.byIndex('job', `${namespace}/${job}`),
    onAppChange(listener) {
      const tell = (_change: unknown, object: KubeObject) => keyOfApp(object).forEach(listener)
      const stops = [...Object.values(rendered), replicaSets, pods].map((each) =>
        (each as Informer<KubeObject>).onChange(tell),
      )
      stops.push(events.onChange((_change, event) => appOfEvent(event).forEach(listener)))
      return () => stops.forEach((stop) => void stop())
    },
    onBuildChange(listener) {
      const tell = (_change: unknown, object: KubeObject) => {
        const id = object.metadata.annotations?.[BUILD_ID_ANNOTATION]
        if (id !== undefined) listener(id)
      }
      const stops = [jobs.onChange(tell), pods.onChange(tell)]
      return () => stops.forEach((stop) => void stop())
    },
    onNamespaceChange: (listener) => namespaces.onChange((_change, object) => listener(object.metadata.name)),
    stats: () => Object.fromEntries(Object.entries(informers).map(([name, each]) => [name, each.stats()])),
  }
}
