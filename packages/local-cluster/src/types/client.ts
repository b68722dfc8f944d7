/**
 * What the rooms share: objects as they are on the wire, how a component speaks to the API in process, and rules about both that
 * more than one room needs. Nothing here runs by itself or keeps state, and no other room is imported.
 */
import type { Readable, Writable } from 'node:stream'
import type { Json, KubernetesObject, KubernetesObjectInput } from './objects.ts'
import type { ResourceType } from './resources.ts'

export interface ObjectKey {
  /** Absent for cluster-scoped kinds. */
  namespace?: string
  name: string
}

/** As workloads, Services' budgets and the like carry it. */
export interface LabelSelector {
  matchLabels?: Record<string, string>
  matchExpressions?: { key: string; operator: string; values?: string[] }[]
}

export interface ListOptions {
  /** Absent: all namespaces. */
  namespace?: string
  /** As in `kubectl -l`: `app=web,tier in (a,b),!old`. */
  labelSelector?: string
  /** `metadata.name=x`, `spec.nodeName=node`, `status.phase!=Running`, ... per kind. */
  fieldSelector?: string
  /** A label selector as objects carry it. */
  selector?: LabelSelector
  /** Only what the owner of this uid controls; the empty string: only what nobody controls. */
  controlledBy?: string
}

export interface ListResult<T> {
  items: T[]
  resourceVersion: string
}

export interface WriteOptions {
  /** Who is written into managedFields; default: the name the LocalApi was made for. */
  fieldManager?: string
  dryRun?: boolean
}

export interface ApplyOptions extends WriteOptions {
  /** Take over fields that other managers own. Without it such fields are a 409. */
  force?: boolean
}

export interface DeleteOptions {
  propagationPolicy?: 'Background' | 'Foreground' | 'Orphan'
  /** Pods only: 0 removes the object at once, as the kubelet does when the processes are gone. */
  gracePeriodSeconds?: number
  preconditions?: { uid?: string; resourceVersion?: string }
  dryRun?: boolean
}

export type PatchType = 'json' | 'merge' | 'strategic'

export interface WatchEvent<T> {
  type: 'ADDED' | 'MODIFIED' | 'DELETED'
  object: T
  /** The object before the change; null where there was none. Only in process. */
  previous?: T | null
}

export interface WatchOptions extends ListOptions {
  /** Called for every event after the current state, in order, at the end of the turn in which the write was made. */
  onEvent(event: WatchEvent<KubernetesObject>): void
  /** Also deliver what exists now, as ADDED, before anything else. */
  sendInitialEvents?: boolean
}

/** What an event is about, in the fields of core/v1 Event. Repeats of the same event raise `count` instead. */
export interface EventToRecord {
  about: KubernetesObject
  /** `spec.containers{app}` for events about a container. */
  fieldPath?: string
  type: 'Normal' | 'Warning'
  reason: string
  message: string
  /** `kubelet`, `replicaset-controller`, ... */
  component: string
  /** The node's name, for the kubelet's events. */
  host?: string
  /** Set by the scheduler ("Binding", "Scheduling"): writes the events.k8s.io form (eventTime, no count). */
  action?: string
}

/**
 * The API server, in process: the same admission, defaults, validation and conflicts as over HTTP.
 *
 * - Every refusal is an {@link import('./errors.ts').ApiError} (`isNotFound`, `isConflict`, ...).
 * - A write is durable when its promise resolves.
 * - Objects handed out are shared and deeply frozen: `structuredClone` before changing one.
 * - `get` and `list` read memory and are cheap: controllers need no cache of their own. A list by `selector`, `controlledBy`, a label or
 *   a name looks at what the index has for it, so its work does not grow with other objects.
 * - A write gives way to the event loop: requests are answered while a controller makes thousands of them.
 */
export interface LocalApi {
  /** The object, or null. */
  get<T extends KubernetesObject>(type: ResourceType, key: ObjectKey): Promise<T | null>
  list<T extends KubernetesObject>(type: ResourceType, options?: ListOptions): Promise<ListResult<T>>
  /** Starts watching; returns the function that stops it. No event is delivered after that returned. */
  watch(type: ResourceType, options: WatchOptions): () => void
  create<T extends KubernetesObject>(object: KubernetesObjectInput, options?: WriteOptions): Promise<T>
  /** Replaces the object. With `metadata.resourceVersion` set, another write in between is a 409. Status is left alone. */
  update<T extends KubernetesObject>(object: KubernetesObjectInput, options?: WriteOptions): Promise<T>
  /** Replaces `status` alone (where the kind has the subresource). */
  updateStatus<T extends KubernetesObject>(object: KubernetesObjectInput, options?: WriteOptions): Promise<T>
  patch<T extends KubernetesObject>(
    type: ResourceType,
    key: ObjectKey,
    patch: { type: PatchType; body: Json; subresource?: 'status' },
    options?: WriteOptions,
  ): Promise<T>
  /** Server-side apply: creates or merges, owning exactly the fields that are sent. */
  apply<T extends KubernetesObject>(
    object: KubernetesObjectInput,
    options?: ApplyOptions & { subresource?: 'status' },
  ): Promise<T>
  /** Absent objects are a NotFound error, as over HTTP. */
  delete(type: ResourceType, key: ObjectKey, options?: DeleteOptions): Promise<void>
  /** POST pods/NAME/binding: sets `spec.nodeName` and the PodScheduled condition. */
  bind(pod: ObjectKey, nodeName: string): Promise<void>
  recordEvent(event: EventToRecord): Promise<void>
}

/** Query parameters of pods/NAME/log, checked and with a container that exists. */
export interface PodLogOptions {
  container: string
  follow: boolean
  previous: boolean
  timestamps: boolean
  tailLines?: number
  limitBytes?: number
  /** RFC 3339; `sinceSeconds` has been turned into it. */
  sinceTime?: string
}

export interface PodExecOptions {
  container: string
  command: string[]
  tty: boolean
  signal: AbortSignal
}

/** A command that runs in a container. `kill` ends it; it is called when the client goes away. */
export interface PodProcess {
  stdin: Writable | null
  stdout: Readable
  /** null with a terminal, where both come on stdout. */
  stderr: Readable | null
  resize(size: { columns: number; rows: number }): void
  /** Resolves when the command has ended and its output is drained. */
  exitCode: Promise<number>
  kill(): void
}

export interface Usage {
  /** Billionths of a core. */
  cpuNanoCores: number
  memoryBytes: number
}
export interface ContainerUsage extends Usage {
  name: string
}
export interface NodeUsage {
  nodeName: string
  timestampMs: number
  /** The time that the CPU rates are over. */
  windowMs: number
  node: Usage
  /** Pods with a container that runs. */
  pods: { namespace: string; name: string; containers: ContainerUsage[] }[]
}

/**
 * What the API server asks of the node, as it asks the kubelet on a real cluster.
 * Refusals ("container "c" in pod "p" is waiting to start: ...") are thrown as ApiError.
 */
export interface KubeletEndpoints {
  /** The log's bytes, in order; ends at the end of the log, or, following, when the container ends or `signal` fires. */
  readLog(pod: KubernetesObject, options: PodLogOptions, signal: AbortSignal): AsyncIterable<Uint8Array>
  exec(pod: KubernetesObject, options: PodExecOptions): Promise<PodProcess>
  /** Follows a running container's streams; its stdin where it has one. */
  attach(pod: KubernetesObject, options: Omit<PodExecOptions, 'command'>): Promise<PodProcess>
  /** What pods and the node use, measured within the last seconds. */
  usage(): Promise<NodeUsage>
}
