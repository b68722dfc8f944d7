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

export interface TerminalSize {
  columns: number
  rows: number
}

export interface RemoteCommandOptions {
  container: string
  /** It has a terminal, where standard error comes on stdout. */
  tty: boolean
  stdin: boolean
  /** Whether its output is wanted. */
  output: boolean
  /** Told what it writes, as it comes; the bytes are the caller's. */
  onOutput(stream: 'stdout' | 'stderr', data: Buffer): void
}

/** A command in a container, or the container's own that was attached to. */
export interface RemoteCommand {
  /** Its exit code (of an attached container always 0). Rejects when the connection was cut before, or it could not be run. */
  ended: Promise<{ exitCode: number }>
  /** Bytes for its standard input; nothing once the connection has ended. */
  write(data: Uint8Array): void
  endInput(): void
  resize(size: TerminalSize): void
  /** Input that the API server has not taken yet. */
  backlogBytes(): number
  /** Output waits in the pod. */
  pause(): void
  resume(): void
  /** Ends the connection: a command that was run with `exec` loses its terminal and its input. */
  close(): void
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
  /** Runs a command in a container; resolves once it is connected. */
  exec(pod: PodRef, command: readonly string[], options: RemoteCommandOptions): Promise<RemoteCommand>
  /** Joins the program of a running container: its output from now on, and its standard input. */
  attach(pod: PodRef, options: RemoteCommandOptions): Promise<RemoteCommand>
  version(options?: { signal?: AbortSignal }): Promise<{ gitVersion: string }>
  /** Closes idle connections. */
  close(): Promise<void>
}
