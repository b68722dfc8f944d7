import type { KubernetesObject } from '../types/objects.ts'
import type { Pod } from '../types/pod.ts'
import { isTerminating } from '../types/pod-conditions.ts'
import { Pods } from '../types/resources.ts'
import { judgeFailure, type PolicyVerdict } from './job-failure-policy.ts'
import { failuresOfIndex, formatIndexes, indexOf, isIndexed, parseIndexes } from './job-indexes.ts'
import type { Job } from './job-objects.ts'
import type { ControllerContext } from './kind-controller.ts'

export const TRACKING_FINALIZER = 'batch.kubernetes.io/job-tracking'
export const isTracked = (pod: KubernetesObject) => pod.metadata.finalizers?.includes(TRACKING_FINALIZER) === true

/** How a Job stands with the pods that have ended, those not yet in its status among them. */
export interface Tally {
  succeeded: number
  failed: number
  /** By uid: ended, but not in the counts of the status. */
  uncounted: { succeeded: string[]; failed: string[] }
  completed: Set<number>
  failedIndexes: Set<number>
  /** The first rule by which a pod's failure ends the Job. */
  policyFailure: PolicyVerdict | null
  /** Uids of the pods that have been looked at and may go once the status is written. */
  ended: Set<string>
}

const isSucceeded = (pod: Pod) => pod.status?.phase === 'Succeeded'

/** A pod that was deleted counts as failed at once, unless only pods that have really failed are replaced. */
function hasFailed(job: Job, pod: Pod): boolean {
  if (pod.status?.phase === 'Failed') return true
  return job.spec.podReplacementPolicy !== 'Failed' && isTerminating(pod) && !isSucceeded(pod)
}

/**
 * Counts each pod once, however often the controller is interrupted: a pod keeps its finalizer until it is in the status,
 * first by uid, then in the counts. Reference: trackJobStatusAndRemoveFinalizers of pkg/controller/job.
 */
export function tallyOf(job: Job, pods: readonly Pod[]): Tally {
  const { status = {} } = job
  const byUid = new Map(pods.map((pod) => [pod.metadata.uid ?? '', pod]))
  const held = (uid: string) => {
    const pod = byUid.get(uid)
    return pod !== undefined && isTracked(pod)
  }
  const known = status.uncountedTerminatedPods ?? {}
  const tally: Tally = {
    succeeded: status.succeeded ?? 0,
    failed: status.failed ?? 0,
    uncounted: { succeeded: [...(known.succeeded ?? [])], failed: [...(known.failed ?? [])] },
    completed: parseIndexes(status.completedIndexes),
    failedIndexes: parseIndexes(status.failedIndexes),
    policyFailure: null,
    ended: new Set(),
  }
  settle(tally, (uid) => !held(uid))
  for (const pod of pods.filter(isTracked)) add(job, tally, pod, pods)
  if (isIndexed(job)) tally.succeeded = tally.completed.size - tally.uncounted.succeeded.length
  return tally
}

/** Moves what is no longer held from the list of uids into the counts. */
export function settle(tally: Tally, released: (uid: string) => boolean): void {
  for (const outcome of ['succeeded', 'failed'] as const) {
    const left = tally.uncounted[outcome].filter((uid) => !released(uid))
    tally[outcome] += tally.uncounted[outcome].length - left.length
    tally.uncounted[outcome] = left
  }
}

function add(job: Job, tally: Tally, pod: Pod, pods: readonly Pod[]): void {
  const uid = pod.metadata.uid ?? ''
  const index = indexOf(pod)
  const inRange = index !== null && index < (job.spec.completions ?? 0)
  if (isSucceeded(pod)) {
    tally.ended.add(uid)
    if (tally.uncounted.succeeded.includes(uid)) return
    // Of two pods with one index the first counts.
    if (isIndexed(job) && (!inRange || tally.completed.has(index))) return
    if (isIndexed(job) && index !== null) tally.completed.add(index)
    tally.uncounted.succeeded.push(uid)
  } else if (hasFailed(job, pod)) {
    tally.ended.add(uid)
    const verdict = judgeFailure(job, pod)
    if (verdict.action === 'FailJob') tally.policyFailure ??= verdict
    if (verdict.action === 'Ignore' || tally.uncounted.failed.includes(uid)) return
    tally.uncounted.failed.push(uid)
    const limit = job.spec.backoffLimitPerIndex
    if (limit === undefined || index === null || !inRange) return
    const failures = failuresOfIndex(pods, index, (each) => countsAsFailure(job, each))
    if (failures > limit || verdict.action === 'FailIndex') tally.failedIndexes.add(index)
  }
}

/** A failure that the Job's policy does not pass over. */
export function countsAsFailure(job: Job, pod: Pod): boolean {
  return hasFailed(job, pod) && judgeFailure(job, pod).action !== 'Ignore'
}

/** Lets go of the pods a Job that ends takes with it. Where the Job failed they count as failed; where it is done they do not. */
export function letRestGo(tally: Tally, pods: readonly Pod[], count: boolean): void {
  for (const pod of pods) {
    const uid = pod.metadata.uid ?? ''
    if (!isTracked(pod) || isSucceeded(pod) || tally.ended.has(uid)) continue
    tally.ended.add(uid)
    if (count && !tally.uncounted.failed.includes(uid)) tally.uncounted.failed.push(uid)
  }
}

export const succeededSoFar = (tally: Tally) => tally.succeeded + tally.uncounted.succeeded.length
export const failedSoFar = (tally: Tally) => tally.failed + tally.uncounted.failed.length

/** The tally as it stands in the status. */
export function tallyStatus(job: Job, tally: Tally) {
  const { succeeded, failed } = tally.uncounted
  return {
    succeeded: tally.succeeded,
    failed: tally.failed,
    uncountedTerminatedPods: {
      ...(succeeded.length === 0 ? {} : { succeeded }),
      ...(failed.length === 0 ? {} : { failed }),
    },
    ...(tally.completed.size === 0 ? {} : { completedIndexes: formatIndexes(tally.completed) }),
    ...(job.spec.backoffLimitPerIndex === undefined ? {} : { failedIndexes: formatIndexes(tally.failedIndexes) }),
  }
}

/** Lets a pod go that is in the status. */
export async function releasePod({ api }: ControllerContext, pod: Pod): Promise<void> {
  const finalizers = (pod.metadata.finalizers ?? []).filter((each) => each !== TRACKING_FINALIZER)
  const body = { metadata: { uid: pod.metadata.uid, finalizers: finalizers.length === 0 ? null : finalizers } }
  const key = { namespace: pod.metadata.namespace ?? '', name: pod.metadata.name }
  await api.patch(Pods, key, { type: 'merge', body })
}
