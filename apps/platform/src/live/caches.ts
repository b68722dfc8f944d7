import type { Cluster, Informer, InformerStats, KubeObject } from '@slipway/kube'
import { BUILD_ID_ANNOTATION } from '@slipway/manifests'
import type { Deployment, ReplicaSet } from 'kubernetes-types/apps/v1.d.ts'
import type { Job } from 'kubernetes-types/batch/v1.d.ts'
import type { Event, Node, Pod } from 'kubernetes-types/core/v1.d.ts'
import {
  type AppKey,
  appKeyOf,
  createInformers,
  informersByKind,
  type Kube,
  keyOfApp,
  specChange,
} from './informers.ts'
import { createPulse } from './pulse.ts'

/** Objects of one app, as the informers have them. */
export interface CachedApp {
  deployments: Kube<Deployment>[]
  replicaSets: Kube<ReplicaSet>[]
  pods: Kube<Pod>[]
  events: Kube<Event>[]
}

/** The one set of informers of a platform process: the controllers and every live stream read from it. */
export interface ClusterCaches {
  start(): void
  stop(): Promise<void>
  /** True once every informer has listed. */
  isSynced(): boolean
  synced(): Promise<void>
  /** Milliseconds for which the cluster has not been heard of; 0 while the watches are open. */
  silentForMs(): number
  /** The cluster fell silent, or is heard again. */
  onSilence(listener: () => void): () => void
  app(namespace: string, app: string): CachedApp
  /** Everything Slipway made for an app, of the kinds that are rendered. */
  rendered(namespace: string, app: string): KubeObject[]
  find(object: { apiVersion: string; kind: string; namespace?: string; name: string }): KubeObject | undefined
  podsOf(namespace: string): Kube<Pod>[]
  node(name: string): Kube<Node> | undefined
  job(namespace: string, name: string): Kube<Job> | undefined
  podsOfJob(namespace: string, job: string): Kube<Pod>[]
  /** Something about an app may have changed. */
  onAppChange(listener: (key: AppKey) => void): () => void
  /** The Job of a build, or a pod of it, changed: both carry the build's id. */
  onBuildChange(listener: (buildId: string) => void): () => void
  /** A namespace, or what guards it, changed: quota, limits, network policies. */
  onNamespaceChange(listener: (namespace: string) => void): () => void
  stats(): Record<string, InformerStats>
}

/** Ids of rows: Jobs of another Slipway on the cluster, and of nobody, name other things. */
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Makes the caches; nothing is asked of the cluster before `start`. */
export function createClusterCaches(cluster: Cluster, options: { hasGateway: boolean }): ClusterCaches {
  const made = createInformers(cluster, options)
  const { rendered, guards, others } = made
  const informers: Record<string, Pick<Informer<KubeObject>, 'start' | 'stop' | 'synced' | 'stats'>> = {
    ...rendered,
    ...guards,
    ...others,
  }
  const all = Object.values(informers)
  const { replicaSets, pods, jobs, namespaces, nodes, events } = others
  const byKind = informersByKind(made)
  const pulse = createPulse(cluster, () => pods.stats().connected)

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
      pulse.start()
    },
    async stop() {
      pulse.stop()
      await Promise.all(all.map((each) => each.stop()))
    },
    isSynced: () => all.every((each) => each.stats().synced),
    async synced() {
      await Promise.all(all.map((each) => each.synced()))
    },
    silentForMs: pulse.silentForMs,
    onSilence: pulse.onChange,
    app,
    rendered: (namespace, name) =>
      Object.values(rendered).flatMap((each) => each.byIndex('app', appKeyOf(namespace, name))),
    find: ({ kind, namespace, name }) => byKind.get(kind)?.get(kind === 'Namespace' ? undefined : namespace, name),
    node: (name) => nodes.get(undefined, name),
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
        if (id !== undefined && UUID.test(id)) listener(id)
      }
      const stops = [jobs.onChange(tell), pods.onChange(tell)]
      return () => stops.forEach((stop) => void stop())
    },
    onNamespaceChange(listener) {
      const stops = [
        namespaces.onChange((_change, object) => listener(object.metadata.name)),
        ...Object.values(guards).map((each) => each.onChange(specChange(listener))),
      ]
      return () => stops.forEach((stop) => void stop())
    },
    stats: () => Object.fromEntries(Object.entries(informers).map(([name, each]) => [name, each.stats()])),
  }
}
