import type { Pod, PodStatus } from '../../types/pod.ts'
import { type ContainerRecord, currentRun, initContainers, isRunning, isSidecar, type PodRecord } from './state.ts'

/** True when the pod's init containers have done their work. */
export function isInitialized(pod: Pod, record: PodRecord): boolean {
  return initContainers(pod).every((container) => {
    const known = record.containers.get(container.name)
    // Sidecars that started once do not bring the pod back to the beginning.
    if (isSidecar(container)) return hasStartedOnce(known)
    return currentRun(known)?.exit?.exitCode === 0
  })
}

export const hasStartedOnce = (known: ContainerRecord | undefined) =>
  known?.probes?.started === true || (known?.runs.length ?? 0) > 1

/** While a sidecar goes on the pod does, whatever became of the others. Reference: getPhase of pkg/kubelet/kubelet_pods.go. */
export function podPhase(pod: Pod, record: PodRecord): PodStatus['phase'] {
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
