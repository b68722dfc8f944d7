import type {
  Condition,
  Container,
  ContainerState,
  ContainerStatus,
  Pod,
  PodStatus,
} from '../../controllers/objects.ts'
import { NODE_IP } from '../../controllers/pod-ports.ts'
import { isFinished, isTerminating, timestamp } from '../../controllers/pods.ts'
import { canonicalImage } from '../../images/index.ts'
import { podResources } from './resources.ts'
import {
  type ContainerRecord,
  currentRun,
  initContainers,
  isRunning,
  isSidecar,
  type PodRecord,
  type Run,
} from './state.ts'

/**
 * The pod's status as the kubelet would write it. Pure.
 * Reference: k8s.io/kubernetes/pkg/kubelet/kubelet_pods.go (generateAPIPodStatus) and status/generate.go.
 */
export function podStatus(pod: Pod, record: PodRecord, nowMs: number): PodStatus {
  const generation = pod.metadata.generation ?? 1
  const init = initContainers(pod).map((container) => containerStatus(pod, record, container))
  const main = pod.spec.containers.map((container) => containerStatus(pod, record, container))
  const phase = podPhase(pod, record)
  const states = { pod, record, phase, init, main }
  const time = timestamp(nowMs)
  const begun = [...record.containers.values()].some((each) => each.runs.length > 0 || each.waiting !== null)
  const { qosClass } = pod.status ?? {}
  return {
    observedGeneration: generation,
    phase: shownPhase(pod, record, phase),
    conditions: conditions(pod, wantedConditions(states), generation, time),
    // Its reason comes with the phase, when nothing of the pod is left.
    ...endReason(pod, record),
    hostIP: NODE_IP,
    hostIPs: [{ ip: NODE_IP }],
    ...(begun || pod.status?.podIP !== undefined ? { podIP: record.ip, podIPs: [{ ip: record.ip }] } : {}),
    startTime: timestamp(record.startedAtMs),
    ...(init.length === 0 ? {} : { initContainerStatuses: init }),
    containerStatuses: main,
    ...(qosClass === undefined ? {} : { qosClass }),
    ...podResources(pod),
  }
}

function endReason(pod: Pod, record: PodRecord): { reason?: string; message?: string } {
  if (record.failure !== null) return record.ended ? record.failure : {}
  const { reason, message } = (isFinished(pod) && pod.status) || {}
  return { ...(reason === undefined ? {} : { reason }), ...(message === undefined ? {} : { message }) }
}

/**
 * A pod is shown as finished only when nothing of it is left; until then its phase stays what it was, while its conditions
 * say already how it ended. Reference: mergePodStatus of pkg/kubelet/status/status_manager.go.
 */
function shownPhase(pod: Pod, record: PodRecord, phase: PodStatus['phase']): PodStatus['phase'] {
  const finished = phase === 'Succeeded' || phase === 'Failed'
  return finished && !record.ended ? (pod.status?.phase ?? 'Pending') : phase
}

function containerStatus(pod: Pod, record: PodRecord, container: Container): ContainerStatus {
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
    ...(run === undefined ? {} : runFields(container)),
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
function runFields(container: Container): object {
  const { requests, limits } = container.resources ?? {}
  const ids = process.getuid === undefined ? null : { uid: process.getuid(), gid: process.getgid?.() ?? 0 }
  return {
    ...(requests === undefined ? {} : { allocatedResources: requests }),
    resources: { ...(limits === undefined ? {} : { limits }), ...(requests === undefined ? {} : { requests }) },
    ...(ids === null ? {} : { user: { linux: { ...ids, supplementalGroups: [ids.gid] } } }),
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

/** True when the pod's init containers have done their work. */
function isInitialized(pod: Pod, record: PodRecord): boolean {
  return initContainers(pod).every((container) => {
    const known = record.containers.get(container.name)
    // Sidecars that started once do not bring the pod back to the beginning.
    if (isSidecar(container)) return hasStartedOnce(known)
    return currentRun(known)?.exit?.exitCode === 0
  })
}

const hasStartedOnce = (known: ContainerRecord | undefined) =>
  known?.probes?.started === true || (known?.runs.length ?? 0) > 1

/** While a sidecar goes on the pod does, whatever became of the others. Reference: getPhase of pkg/kubelet/kubelet_pods.go. */
function podPhase(pod: Pod, record: PodRecord): PodStatus['phase'] {
  const outcome = podOutcome(pod, record)
  const finished = outcome === 'Succeeded' || (outcome === 'Failed' && record.failure === null)
  const helped = initContainers(pod).some((each) => isSidecar(each) && isRunning(record.containers.get(each.name)))
  return finished && helped && isInitialized(pod, record) ? 'Running' : outcome
}

/** What comes of a pod without its sidecars: these are ended when it is finished. */
export function podOutcome(pod: Pod, record: PodRecord): PodStatus['phase'] {
  if (record.failure !== null) return 'Failed'
  const counted = { running: 0, waiting: 0, stopped: 0, succeeded: 0 }
  for (const container of pod.spec.containers) {
    const known = record.containers.get(container.name)
    const run = currentRun(known)
    if (run?.starting === true && known?.runs.length === 1) counted.waiting += 1
    else if (isRunning(known)) counted.running += 1
    else if (run === undefined || run.exit === null) counted.waiting += 1
    else {
      counted.stopped += 1
      if (run.exit.exitCode === 0) counted.succeeded += 1
    }
  }
  const all = pod.spec.containers.length
  if (record.ended) return counted.succeeded === all ? 'Succeeded' : 'Failed'
  if (!isInitialized(pod, record)) return initHasFailed(pod, record) ? 'Failed' : 'Pending'
  if (counted.waiting > 0) return 'Pending'
  if (counted.running > 0 || pod.spec.restartPolicy === 'Always') return 'Running'
  if (counted.succeeded === all) return 'Succeeded'
  return pod.spec.restartPolicy === 'Never' ? 'Failed' : 'Running'
}

function initHasFailed(pod: Pod, record: PodRecord): boolean {
  if (pod.spec.restartPolicy !== 'Never') return false
  return initContainers(pod).some((container) => {
    const exit = currentRun(record.containers.get(container.name))?.exit
    return !isSidecar(container) && exit !== null && exit !== undefined && exit.exitCode !== 0
  })
}

interface States {
  pod: Pod
  record: PodRecord
  phase: PodStatus['phase']
  init: ContainerStatus[]
  main: ContainerStatus[]
}

type Wanted = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>

function wantedConditions({ pod, record, phase, init, main }: States): Wanted[] {
  const sandbox = record.prepared && !record.ended
  const ready = readiness(phase, [...sidecars(pod, init), ...main])
  return [
    { type: 'PodReadyToStartContainers', status: sandbox ? 'True' : 'False' },
    { type: 'Initialized', ...initialized(pod, record, phase) },
    { type: 'Ready', ...ready },
    { type: 'ContainersReady', ...ready },
    { type: 'PodScheduled', status: 'True' },
  ]
}

const sidecars = (pod: Pod, init: ContainerStatus[]) =>
  init.filter((status) => initContainers(pod).some((each) => each.name === status.name && isSidecar(each)))

function readiness(phase: PodStatus['phase'], statuses: ContainerStatus[]): Omit<Wanted, 'type'> {
  if (phase === 'Succeeded') return { status: 'False', reason: 'PodCompleted' }
  if (phase === 'Failed') return { status: 'False', reason: 'PodFailed' }
  const unready = statuses.filter((status) => !status.ready).map((status) => status.name)
  if (unready.length === 0) return { status: 'True' }
  const message = `containers with unready status: [${unready.join(' ')}]`
  return { status: 'False', reason: 'ContainersNotReady', message }
}

function initialized(pod: Pod, record: PodRecord, phase: PodStatus['phase']): Omit<Wanted, 'type'> {
  if (phase === 'Succeeded') return { status: 'True', reason: 'PodCompleted' }
  if (isInitialized(pod, record)) return { status: 'True' }
  const incomplete = initContainers(pod)
    .filter((container) => {
      const known = record.containers.get(container.name)
      return isSidecar(container) ? !hasStartedOnce(known) : currentRun(known)?.exit?.exitCode !== 0
    })
    .map((container) => container.name)
  const message = `containers with incomplete status: [${incomplete.join(' ')}]`
  return { status: 'False', reason: 'ContainersNotInitialized', message }
}

/** The kubelet's conditions, in its order, and those of others (DisruptionTarget) behind them. */
function conditions(pod: Pod, wanted: Wanted[], generation: number, time: string): Condition[] {
  const present = pod.status?.conditions ?? []
  const own = wanted.map((next): Condition => {
    const before = present.find((condition) => condition.type === next.type)
    const lastTransitionTime = before?.status === next.status ? (before.lastTransitionTime ?? time) : time
    const { type, ...rest } = next
    return { type, observedGeneration: generation, ...rest, lastProbeTime: null, lastTransitionTime }
  })
  return [...own, ...present.filter((condition) => !wanted.some((next) => next.type === condition.type))]
}
