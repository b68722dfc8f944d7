import type { Condition } from '../../types/condition.ts'
import type { ContainerStatus } from '../../types/container.ts'
import type { Pod, PodStatus } from '../../types/pod.ts'
import { conditionOf } from '../../types/pod-conditions.ts'
import { hasStartedOnce, isInitialized } from './phase.ts'
import { currentRun, initContainers, isSidecar, type PodRecord } from './state.ts'

interface States {
  pod: Pod
  record: PodRecord
  phase: PodStatus['phase']
  init: ContainerStatus[]
  main: ContainerStatus[]
}

type Wanted = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>

/** What the kubelet says of the pod as a whole, in its order. Reference: pkg/kubelet/status/generate.go. */
export function wantedConditions({ pod, record, phase, init, main }: States): Wanted[] {
  // The kubelet takes down what sidecars ran in before it tells of the pod's end.
  const isTakenDown = (phase === 'Succeeded' || phase === 'Failed') && initContainers(pod).some(isSidecar)
  const sandbox = record.prepared && !record.ended && !isTakenDown
  const containersReady = readiness(phase, [...sidecars(pod, init), ...main])
  return [
    { type: 'PodReadyToStartContainers', status: sandbox ? 'True' : 'False' },
    { type: 'Initialized', ...initialized(pod, record, phase) },
    { type: 'Ready', ...(containersReady.status === 'True' ? gatesReady(pod) : containersReady) },
    { type: 'ContainersReady', ...containersReady },
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

/** A pod whose containers are ready waits for the conditions that others are to set. Reference: GeneratePodReadyCondition. */
function gatesReady(pod: Pod): Omit<Wanted, 'type'> {
  const missing = (pod.spec.readinessGates ?? []).flatMap(({ conditionType }) => {
    const found = conditionOf(pod.status?.conditions, conditionType)
    if (found === undefined) return [`corresponding condition of pod readiness gate "${conditionType}" does not exist.`]
    if (found.status === 'True') return []
    return [`the status of pod readiness gate "${conditionType}" is not "True", but ${found.status}`]
  })
  if (missing.length === 0) return { status: 'True' }
  return { status: 'False', reason: 'ReadinessGatesNotReady', message: missing.join(', ') }
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

/** The conditions of others (DisruptionTarget), and the kubelet's, in its order, behind them. Reference: mergePodStatus. */
export function conditions(pod: Pod, wanted: Wanted[], generation: number, time: string): Condition[] {
  const present = pod.status?.conditions ?? []
  const own = wanted.map((next): Condition => {
    const before = present.find((condition) => condition.type === next.type)
    const lastTransitionTime = before?.status === next.status ? (before.lastTransitionTime ?? time) : time
    const { type, ...rest } = next
    return { type, observedGeneration: generation, ...rest, lastProbeTime: null, lastTransitionTime }
  })
  return [...present.filter((condition) => !wanted.some((next) => next.type === condition.type)), ...own]
}
