import type { Container, ContainerStatus, Pod } from 'kubernetes-types/core/v1.d.ts'

/** The word of a container that does not run; null when it does. */
function endWord(status: ContainerStatus): string | null {
  const { waiting, terminated } = status.state ?? {}
  if (waiting?.reason) return waiting.reason
  if (!terminated) return null
  return terminated.reason || (terminated.signal ? `Signal:${terminated.signal}` : `ExitCode:${terminated.exitCode}`)
}

/** True for an init container that goes on running beside the others. */
export function isSidecar(spec: Container | undefined): boolean {
  return spec?.restartPolicy === 'Always'
}

/** The word of the first init container that holds the pod up; null when all are done. A sidecar is done once started. */
function initWord(pod: Pod): string | null {
  const statuses = pod.status?.initContainerStatuses ?? []
  for (const [index, status] of statuses.entries()) {
    const spec = pod.spec?.initContainers?.find(({ name }) => name === status.name)
    if (status.state?.terminated?.exitCode === 0) continue
    if (isSidecar(spec) && status.started) continue
    const word = endWord(status)
    if (word && word !== 'PodInitializing') return `Init:${word}`
    return `Init:${index}/${pod.spec?.initContainers?.length ?? statuses.length}`
  }
  return null
}

/**
 * The word that `kubectl get pods` shows under STATUS. Follows printPod of
 * https://github.com/kubernetes/kubernetes/blob/master/pkg/printers/internalversion/printers.go
 */
export function podState(pod: Pod): string {
  const phase = pod.status?.phase ?? 'Pending'
  let state = initWord(pod)
  if (!state) {
    state = pod.status?.reason || phase
    const statuses = pod.status?.containerStatuses ?? []
    // kubectl goes from the last container to the first, so that the first one's word stands.
    for (const status of [...statuses].reverse()) state = endWord(status) ?? state
    const running = statuses.some(({ ready, state: now }) => ready && now?.running)
    if (state === 'Completed' && running) {
      const ready = pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')
      state = ready ? 'Running' : 'NotReady'
    }
  }
  if (pod.metadata?.deletionTimestamp && pod.status?.reason === 'NodeLost') return 'Unknown'
  if (pod.metadata?.deletionTimestamp && phase !== 'Succeeded' && phase !== 'Failed') return 'Terminating'
  return state
}

/** True when the pod takes traffic, or for a worker: does its work. */
export function isReady(pod: Pod): boolean {
  return (
    !pod.metadata?.deletionTimestamp &&
    (pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false)
  )
}
