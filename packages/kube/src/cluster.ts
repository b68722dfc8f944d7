import type { Informer, InformerOptions } from './informer.ts'
import type { ResourceType } from './kinds.ts'
import type { KubeObject, ObjectRef } from './objects.ts'

export interface ListOptions {
  /** Absent: all namespaces. */
  namespace?: string
  labelSelector?: string
  fieldSelector?: string
}

export interface PodRef {
  namespace: string
  name: string
}

export interface LogOptions {
  container?: string
  tailLines?: number
  /** RFC 3339: only lines at or after it (the API rounds down to seconds). */
  sinceTime?: string
  /** Begins each line with its RFC 3339 time in nanoseconds. */
  timestamps?: boolean
  /** The log of the container's life before this one. */
  previous?: boolean
  limitBytes?: number
}

export interface ExecOptions {
  container: string
  command: string[]
  stdin?: string
  signal: AbortSignal
  /** More output than this is cut off. */
  maxOutputBytes?: number
}
export interface ExecResult {
  exitCode: number
  stdout: string
  stderr: string
}

/**
 * One Kubernetes cluster. Every refusal of the API server is a `KubeApiError`; a connection that fails is whatever the
 * transport threw. Nothing here retries: that belongs to the queue of the caller.
 */
export interface Cluster {
  /** Null where there is no such object. */
  get<T extends KubeObject>(ref: ObjectRef): Promise<T | null>
  list<T extends KubeObject>(
    type: ResourceType,
    options?: ListOptions,
  ): Promise<{ items: T[]; resourceVersion: string }>
  /**
   * Server-side apply with field manager `slipway`. `force` (the default) takes over fields that others own.
   * Reference: https://kubernetes.io/docs/reference/using-api/server-side-apply/
   */
  apply<T extends KubeObject>(object: KubeObject, options?: { dryRun?: boolean; force?: boolean }): Promise<T>
  /** An object that is not there is fine. */
  delete(
    ref: ObjectRef,
    options?: { propagation?: 'Background' | 'Foreground' | 'Orphan'; gracePeriodSeconds?: number },
  ): Promise<void>
  /** Deletes what the selector finds and `keep` does not; resolves to what was deleted. */
  prune(scope: {
    namespace: string
    labelSelector: string
    types: readonly ResourceType[]
    keep: (object: KubeObject) => boolean
  }): Promise<KubeObject[]>
  /** A cache of all objects of a type that keeps itself true; does nothing before `start`. */
  informer<T extends KubeObject>(type: ResourceType, options?: InformerOptions<T>): Informer<T>
  /** At most `limitBytes` (default 1 MiB) of a container's log. */
  readLog(pod: PodRef, options?: LogOptions): Promise<string>
  /** Lines as they come. Ends with the container's output or the signal; throws when the connection was cut. */
  followLog(pod: PodRef, options: LogOptions & { signal: AbortSignal }): AsyncIterable<string>
  exec(pod: PodRef, options: ExecOptions): Promise<ExecResult>
  version(options?: { signal?: AbortSignal }): Promise<{ gitVersion: string }>
  /** Closes idle connections. */
  close(): Promise<void>
}
