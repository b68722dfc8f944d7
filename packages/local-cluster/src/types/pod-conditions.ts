import type { Condition } from './condition.ts'
import type { Pod } from './pod.ts'

/** Rules about pods that several controllers share. Reference: k8s.io/kubernetes/pkg/api/v1/pod. */
export const isTerminating = (pod: Pod) => pod.metadata.deletionTimestamp !== undefined
export const isFinished = (pod: Pod) => pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
/** Counts towards its owner's replicas. */
export const isActive = (pod: Pod) => !isFinished(pod) && !isTerminating(pod)

export function conditionOf(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((condition) => condition.type === type)
}

export const isReady = (pod: Pod) => conditionOf(pod.status?.conditions, 'Ready')?.status === 'True'

/** Ready for at least `minReadySeconds`; otherwise the time in ms until it may be, or null when it is not ready at all. */
export function availableIn(pod: Pod, minReadySeconds: number, nowMs: number): number | null {
  const ready = conditionOf(pod.status?.conditions, 'Ready')
  if (ready?.status !== 'True') return null
  if (minReadySeconds === 0) return 0
  const since = Date.parse(ready.lastTransitionTime ?? '')
  return Math.max(0, since + minReadySeconds * 1000 - nowMs)
}

/** Lower is deleted first. Reference: ActivePodsWithRanks of pkg/controller/controller_utils.go. */
export function deletionOrder(a: Pod, b: Pod): number {
  const rank = (pod: Pod) => {
    if (pod.spec.nodeName === undefined || pod.spec.nodeName === '') return 0
    if (pod.status?.phase === 'Pending') return 1
    if (pod.status?.phase !== 'Running') return 2
    return isReady(pod) ? 4 : 3
  }
  const restarts = (pod: Pod) =>
    Math.max(0, ...(pod.status?.containerStatuses ?? []).map((status) => status.restartCount))
  const readyAt = (pod: Pod) => Date.parse(conditionOf(pod.status?.conditions, 'Ready')?.lastTransitionTime ?? '') || 0
  const createdAt = (pod: Pod) => Date.parse(pod.metadata.creationTimestamp ?? '') || 0
  return (
    rank(a) - rank(b) ||
    // Ready for a shorter time goes first, then more restarts, then the newer.
    (isReady(a) && isReady(b) ? readyAt(b) - readyAt(a) : 0) ||
    restarts(b) - restarts(a) ||
    createdAt(b) - createdAt(a)
  )
}
