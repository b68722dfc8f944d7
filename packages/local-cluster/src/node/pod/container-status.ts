import { canonicalImage } from '../../registry/images/index.ts'
import type { Container, ContainerState, ContainerStatus } from '../../types/container.ts'
import type { Pod } from '../../types/pod.ts'
import { isTerminating } from '../../types/pod-conditions.ts'
import { timestamp } from '../../types/times.ts'
import { isInitialized } from './phase.ts'
import {
  type ContainerRecord,
  currentRun,
  initContainers,
  isRunning,
  isSidecar,
  type PodRecord,
  type Run,
} from './state.ts'

/** A container's status as the kubelet would write it. Pure. Reference: convertToAPIContainerStatuses of pkg/kubelet/kubelet_pods.go. */
export function containerStatus(pod: Pod, record: PodRecord, container: Container): ContainerStatus {
  const known = record.containers.get(container.name)
  const run = currentRun(known)
  if (run?.starting === true) return statusBefore(pod, container)
  const state = containerState(pod, known, container, record.ended && isInitialized(pod, record))
  const last = state.terminated === undefined ? lastEnd(known) : known?.runs.at(-2)
  const lastTerminated = last === undefined ? undefined : terminated(last)
  const running = isRunning(known)
  const regular = initContainers(pod).includes(container) && !isSidecar(container)
  const started = running && (regular || known?.probes?.started === true)
  return {
    name: container.name,
    state,
    lastState: lastTerminated === undefined ? {} : { terminated: lastTerminated },
    ready: regular ? run?.exit?.exitCode === 0 : started && known?.probes?.ready === true,
    restartCount: run?.meta.attempt ?? 0,
    image: run === undefined ? container.image : canonicalImage(container.image),
    imageID: run?.meta.imageDigest ?? '',
    ...(run === undefined ? {} : { containerID: run.meta.id }),
    started,
    ...(run === undefined ? {} : runFields(container, run)),
    ...volumeMounts(container),
  }
}

/** The kubelet says nothing new of a container while its postStart hook runs. */
function statusBefore(pod: Pod, container: Container): ContainerStatus {
  const { initContainerStatuses = [], containerStatuses = [] } = pod.status ?? {}
  const shown = [...initContainerStatuses, ...containerStatuses].find(({ name }) => name === container.name)
  if (shown !== undefined) return shown
  const state = containerState(pod, undefined, container)
  const { name, image } = container
  return { name, state, lastState: {}, ready: false, restartCount: 0, image, imageID: '', started: false }
}

/** Mounts as the kubelet reports them. */
function volumeMounts(container: Container): object {
  const { volumeMounts = [] } = container
  if (volumeMounts.length === 0) return {}
  const mounts = volumeMounts.map(({ name, mountPath, readOnly }) => ({
    name,
    mountPath,
    ...(readOnly === true ? { readOnly, recursiveReadOnly: 'Disabled' } : {}),
  }))
  return { volumeMounts: mounts }
}

/** What the kubelet adds once a container exists. */
function runFields(container: Container, run: Run): object {
  const { requests, limits } = container.resources ?? {}
  const { uid = process.getuid?.(), gid = process.getgid?.() ?? 0, groups = [gid] } = run.meta.identity ?? {}
  return {
    ...(requests === undefined ? {} : { allocatedResources: requests }),
    resources: { ...(limits === undefined ? {} : { limits }), ...(requests === undefined ? {} : { requests }) },
    ...(uid === undefined ? {} : { user: { linux: { uid, gid, supplementalGroups: groups } } }),
  }
}

/** The last attempt that ended, when the present one runs or waits. */
function lastEnd(known: ContainerRecord | undefined): Run | undefined {
  return known?.runs.findLast((run) => run.exit !== null)
}

/** What the kubelet says of a container that never ran when its pod was ended. Reference: TerminatePod of pkg/kubelet/status. */
const NEVER_SEEN = {
  exitCode: 137,
  reason: 'ContainerStatusUnknown',
  message: 'The container could not be located when the pod was terminated',
  startedAt: null,
  finishedAt: null,
}

function containerState(
  pod: Pod,
  known: ContainerRecord | undefined,
  container: Container,
  ended = false,
): ContainerState {
  const run = currentRun(known)
  if (isRunning(known)) return { running: { startedAt: timestamp(run?.startedAtMs ?? 0) } }
  if (ended && run === undefined && !initContainers(pod).includes(container)) return { terminated: NEVER_SEEN }
  // What is not started again is shown as it ended.
  if (known?.waiting && mayRunAgain(pod, container, run)) return { waiting: known.waiting }
  if (run !== undefined && run.exit !== null) return { terminated: terminated(run) }
  const initializing = initContainers(pod).length > 0 && !initContainers(pod).includes(container)
  return {
    waiting: { reason: initializing || waitsForEarlierInit(pod, known) ? 'PodInitializing' : 'ContainerCreating' },
  }
}

function mayRunAgain(pod: Pod, container: Container, run: Run | undefined): boolean {
  if (run === undefined || run.exit === null) return true
  return !isTerminating(pod) && (isSidecar(container) || pod.spec.restartPolicy !== 'Never')
}

const waitsForEarlierInit = (pod: Pod, known: ContainerRecord | undefined) =>
  initContainers(pod).length > 0 && (known === undefined || known.runs.length === 0)

function terminated(run: Run): ContainerState['terminated'] {
  if (run.exit === null) return undefined
  return {
    exitCode: run.exit.exitCode,
    reason: run.exit.reason,
    ...(run.exit.message === null ? {} : { message: run.exit.message }),
    startedAt: timestamp(run.startedAtMs ?? 0),
    finishedAt: timestamp(run.exit.finishedAtMs),
    containerID: run.meta.id,
  }
}
