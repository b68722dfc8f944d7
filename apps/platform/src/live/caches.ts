import { type Cluster, type InformerStats, type Kind, type KubeObject, kindOf } from '@slipway/kube'
import { BUILD_ID_ANNOTATION, RUN_ID_ANNOTATION } from '@slipway/manifests'
import type { Deployment, ReplicaSet } from 'kubernetes-types/apps/v1.d.ts'
import type { Job } from 'kubernetes-types/batch/v1.d.ts'
import type { Event, Node, Pod } from 'kubernetes-types/core/v1.d.ts'
import { createAppIds } from './app-ids.ts'
import { appKeyOf, createInformers, informersByKind, type Kube, specChange } from './informers.ts'
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
  nodes(): Kube<Node>[]
  /** Pods of every Slipway on the cluster. */
  pods(): Kube<Pod>[]
  job(namespace: string, name: string): Kube<Job> | undefined
  podsOfJob(namespace: string, job: string): Kube<Pod>[]
  /** Id of the app that an object belongs to; null where nothing tells. */
  appIdOf(object: KubeObject): string | null
  /** Something about an app may have changed; told by its id. */
  onAppChange(listener: (appId: string) => void): () => void
  /** The Job of a build, or a pod of it, changed: both carry the build's id. */
  onBuildChange(listener: (buildId: string) => void): () => void
  /** The same of a command that runs once. */
  onRunChange(listener: (runId: string) => void): () => void
  /** A namespace, or what guards it, changed: quota, limits, network policies. */
  onNamespaceChange(listener: (namespace: string) => void): () => void
  stats(): Record<string, InformerStats>
}

/** Ids of rows: Jobs of another Slipway on the cluster, and of nobody, name other things. */
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Makes the caches; nothing is asked of the cluster before `start`. */
export function createClusterCaches(cluster: Cluster, options: { hasGateway: boolean }): ClusterCaches {
  const informers = createInformers(cluster, options)
  const { Deployments, ReplicaSets, Pods, Jobs, Namespaces, Nodes, Events } = informers
  const byKind = informersByKind(informers)
  const all = [...byKind.values()]
  const some = (which: (kind: Kind) => unknown) => [...byKind].flatMap(([kind, each]) => (which(kind) ? [each] : []))
  const rendered = some(({ prunable }) => prunable)
  const guards = some(({ guard }) => guard)
  const appIds = createAppIds(informers)
  const pulse = createPulse(cluster, () => Pods.stats().connected)

  function app(namespace: string, name: string): CachedApp {
    const key = appKeyOf(namespace, name)
    const found = {
      deployments: Deployments.byIndex('app', key),
      replicaSets: ReplicaSets.byIndex('app', key),
      pods: Pods.byIndex('app', key),
    }
    const names = new Set([...found.deployments, ...found.replicaSets, ...found.pods].map((each) => each.metadata.name))
    return { ...found, events: [...names].flatMap((each) => Events.byIndex('about', `${namespace}/${each}`)) }
  }

  /** The object that an event is about. */
  function aboutOf(event: Kube<Event>): KubeObject | undefined {
    const { name = '' } = event.involvedObject
    const namespace = event.metadata.namespace ?? ''
    return Pods.get(namespace, name) ?? ReplicaSets.get(namespace, name) ?? Deployments.get(namespace, name)
  }

  /** A Job, or a pod of one, changed that carries the id of a row in this annotation. */
  function onJobChange(annotation: string, listener: (id: string) => void): () => void {
    const tell = (_change: unknown, object: KubeObject) => {
      const id = object.metadata.annotations?.[annotation]
      if (id !== undefined && UUID.test(id)) listener(id)
    }
    const stops = [Jobs.onChange(tell), Pods.onChange(tell)]
    return () => stops.forEach((stop) => void stop())
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
    rendered: (namespace, name) => rendered.flatMap((each) => each.byIndex('app', appKeyOf(namespace, name))),
    find(object) {
      const kind = kindOf(object)
      return byKind.get(kind)?.get(kind.namespaced ? object.namespace : undefined, object.name)
    },
    node: (name) => Nodes.get(undefined, name),
    nodes: () => Nodes.list(),
    pods: () => Pods.list(),
    podsOf: (namespace) => Pods.byIndex('namespace', namespace),
    job: (namespace, name) => Jobs.get(namespace, name),
    podsOfJob: (namespace, job) => Pods.byIndex('job', `${namespace}/${job}`),
    appIdOf: appIds.of,
    onAppChange(listener) {
      const tell = (_change: unknown, object: KubeObject | undefined) => {
        const id = object && appIds.of(object)
        if (id) listener(id)
      }
      const stops = [...rendered.map((each) => each.onChange(tell)), ReplicaSets.onChange(tell), Pods.onChange(tell)]
      stops.push(Events.onChange((change, event) => tell(change, aboutOf(event))))
      return () => stops.forEach((stop) => void stop())
    },
    onBuildChange: (listener) => onJobChange(BUILD_ID_ANNOTATION, listener),
    onRunChange: (listener) => onJobChange(RUN_ID_ANNOTATION, listener),
    onNamespaceChange(listener) {
      const stops = [
        Namespaces.onChange((_change, object) => listener(object.metadata.name)),
        ...guards.map((each) => each.onChange(specChange(listener))),
      ]
      return () => stops.forEach((stop) => void stop())
    },
    stats: () => Object.fromEntries([...byKind].map(([{ plural }, each]) => [plural, each.stats()])),
  }
}
