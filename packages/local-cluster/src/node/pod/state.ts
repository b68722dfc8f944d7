import { join } from 'node:path'
import type { Container, ContainerState } from '../../types/container.ts'
import type { Pod } from '../../types/pod.ts'
import type { ContainerGroup } from '../cgroups/cgroups.ts'
import type { LogStream, LogWriter } from '../logs/writer.ts'
import type { RunnableImage } from '../options.ts'
import type { RunningProcess } from '../process/container-process.ts'
import type { ProvidedVolume } from '../volumes/mounts.ts'

/** Written to `container.json` before a container starts, so that a later process can adopt it. */
export interface ContainerMeta {
  id: string
  attempt: number
  image: string
  imageDigest: string
  /** Milliseconds since the epoch. */
  createdAtMs: number
  program: string
  workingDir: string
  /** It has its own view of the file system. */
  sandboxed?: boolean
  /** An OCI runtime of this machine runs it. */
  inRuntime?: boolean
  /** It is kept from what is not its own; whether it sees processes of its own only. */
  confined?: { ownProcesses: boolean }
  /** As whom it runs, where that is not the user of the cluster. */
  identity?: { uid: number; gid: number; groups: number[] }
  /** Environment, for commands run in the container later. The directory is the owner's alone. */
  env: Record<string, string>
}

export interface RunExit {
  exitCode: number
  finishedAtMs: number
  /** As the kubelet says it: Completed, Error, OOMKilled, StartError, Unknown. */
  reason: string
  message: string | null
}

/** One attempt at running a container. */
export interface Run {
  meta: ContainerMeta
  dir: string
  logPath: string
  /** Null when it could not be started. */
  startedAtMs: number | null
  /** Null when it has ended, or never began. */
  process: RunningProcess | null
  log: LogWriter | null
  exit: RunExit | null
  /** Why it is being ended, while it is. */
  stopping: Promise<void> | null
  /** Its postStart hook has not ended: nobody is told yet that it runs. */
  starting: boolean
  /** It is ended to be started again at once, as a probe of it failed. */
  replaced: boolean
  outOfMemory: boolean
  /** Its control group, where the machine has them. */
  group: ContainerGroup | null
  /** What stands in front of commands that run beside it. */
  beside: readonly string[]
  /** The same for commands that have a terminal. */
  besideInTerminal: readonly string[]
  /** Told what it writes, beside its log: those who attached. */
  taps: Set<Tap>
}

export type Tap = (stream: LogStream, chunk: Buffer) => void

/** An attempt that has not begun. */
export const newAttempt = (place: Pick<Run, 'meta' | 'dir' | 'logPath'>): Run => ({
  ...place,
  startedAtMs: null,
  process: null,
  log: null,
  exit: null,
  stopping: null,
  starting: false,
  replaced: false,
  outOfMemory: false,
  group: null,
  beside: [],
  besideInTerminal: [],
  taps: new Set(),
})

export interface ProbeResults {
  /** Startup probe passed, or there is none. */
  started: boolean
  ready: boolean
  stop(): void
}

export interface ContainerRecord {
  name: string
  /** Current attempt last; at most two are kept. */
  runs: Run[]
  /** Shown instead of the current run's end: back-off, start and configuration errors, image errors. */
  waiting: NonNullable<ContainerState['waiting']> | null
  /** Restart back-off: the delay that counts from the last end, when it was last raised, and whether an event said so. */
  backoff: { delayMs: number; raisedAtMs: number; said: boolean } | null
  image: ImageState
  probes: ProbeResults | null
  /** Tries at a configuration that was missing something, for the pause between them. */
  configFailures: number
}

/** Pull of the container's image; failed ones are tried again after `retryAtMs`. */
export interface ImageState {
  pulling: boolean
  /** What the last pull brought, until a container is started from it. */
  pulled: RunnableImage | null
  failure: string | null
  delayMs: number
  retryAtMs: number
}

export const NOT_PULLED: Readonly<ImageState> = {
  pulling: false,
  pulled: null,
  failure: null,
  delayMs: 0,
  retryAtMs: 0,
}

/** What the node knows of a pod beside its object. */
export interface PodRecord {
  uid: string
  namespace: string
  name: string
  dir: string
  /** Address of the pod: its own, or the node's. */
  ip: string
  /** Ports of its address that lead to others of the machine. */
  routed: Set<number>
  containers: Map<string, ContainerRecord>
  startedAtMs: number
  /** What of the object's metadata was acted on last. */
  seenVersion: string
  /** The pod's directories are made; its sandbox, so to say. */
  prepared: boolean
  /** Where the pod's volumes are, by name. Null: not made yet, or to be brought up to date. */
  volumes: ReadonlyMap<string, ProvidedVolume> | null
  /** Objects that volumes are made of, as `Kind/namespace/name`. */
  volumeSources: ReadonlySet<string>
  volumeFailures: number
  /** Whom its containers run as, where that is not the user of the cluster. */
  user: number | null
  /** What outlives the pod and is that user's. */
  lasting: readonly string[]
  /** Set once the pod is being ended; resolves when no process is left. */
  ending: Promise<void> | null
  /** What ran when that began. */
  endingRuns: readonly Run[]
  ended: boolean
  /** Its end is in the object's status. */
  endShown: boolean
  /** The object as it was when it went. */
  gone: Pod | null
  /** The object's removal was asked for. */
  removed: boolean
  /** Why the node itself ended the pod (DeadlineExceeded). */
  failure: { reason: string; message: string } | null
}

export function newPodRecord(podsDir: string, pod: Pod, nowMs: number, ip: string): PodRecord {
  const uid = pod.metadata.uid ?? ''
  return {
    uid,
    namespace: pod.metadata.namespace ?? '',
    name: pod.metadata.name,
    dir: join(podsDir, uid),
    ip,
    routed: new Set(),
    containers: new Map(),
    startedAtMs: Date.parse(pod.status?.startTime ?? '') || nowMs,
    seenVersion: '',
    prepared: false,
    volumes: null,
    volumeSources: new Set(),
    volumeFailures: 0,
    user: null,
    lasting: [],
    ending: null,
    endingRuns: [],
    ended: false,
    endShown: false,
    gone: null,
    removed: false,
    failure: null,
  }
}

export function containerRecord(record: PodRecord, name: string): ContainerRecord {
  const present = record.containers.get(name)
  if (present !== undefined) return present
  const made: ContainerRecord = {
    name,
    runs: [],
    waiting: null,
    backoff: null,
    image: { ...NOT_PULLED },
    probes: null,
    configFailures: 0,
  }
  record.containers.set(name, made)
  return made
}

export const currentRun = (container: ContainerRecord | undefined): Run | undefined => container?.runs.at(-1)
export const isRunning = (container: ContainerRecord | undefined): boolean => {
  const run = currentRun(container)
  return run !== undefined && run.process !== null && run.exit === null
}

/** Sidecars are init containers that go on beside the others. */
export const isSidecar = (container: Container) => container.restartPolicy === 'Always'

export const initContainers = (pod: Pod): Container[] => pod.spec.initContainers ?? []
export const allContainers = (pod: Pod): Container[] => [...initContainers(pod), ...pod.spec.containers]

export const attemptDir = (record: PodRecord, container: string, attempt: number) =>
  join(record.dir, 'containers', container, String(attempt))
export const logFile = (record: PodRecord, container: string, attempt: number) =>
  join(record.dir, 'logs', container, `${attempt}.log`)
