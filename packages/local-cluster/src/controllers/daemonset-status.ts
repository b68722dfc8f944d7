import type { Pod } from '../types/pod.ts'
import { availableIn, isReady } from '../types/pod-conditions.ts'
import { same } from '../types/same.ts'
import { type Daemons, podsOn, REVISION_LABEL, shouldRunOn } from './daemonset-pods.ts'
import type { ControllerContext } from './kind-controller.ts'
import { withoutZeros } from './replicaset.ts'
import type { DaemonSet, DaemonSetStatus } from './workload-objects.ts'

/** Writes the status where it has changed; answers the time in ms until a ready pod becomes available, or null. */
export async function writeDaemonSetStatus(context: ControllerContext, daemons: Daemons): Promise<number | null> {
  const { set, hash } = daemons
  const waits: number[] = []
  const status = {
    currentNumberScheduled: 0,
    numberMisscheduled: 0,
    desiredNumberScheduled: 0,
    numberReady: 0,
    observedGeneration: set.metadata.generation ?? 0,
    updatedNumberScheduled: 0,
    numberAvailable: 0,
    numberUnavailable: 0,
    ...(set.status?.collisionCount === undefined ? {} : { collisionCount: set.status.collisionCount }),
  }
  for (const node of daemons.nodes) {
    const pods = podsOn(daemons, node)
    if (!shouldRunOn(set, node)) {
      if (pods.length > 0) status.numberMisscheduled += 1
      continue
    }
    status.desiredNumberScheduled += 1
    const pod = foremost(pods)
    if (pod === undefined) continue
    status.currentNumberScheduled += 1
    if (pod.metadata.labels?.[REVISION_LABEL] === hash) status.updatedNumberScheduled += 1
    if (isReady(pod)) status.numberReady += 1
    const waitMs = availableIn(pod, set.spec.minReadySeconds ?? 0, context.now())
    if (waitMs === 0) status.numberAvailable += 1
    else if (waitMs !== null) waits.push(waitMs)
  }
  status.numberUnavailable = status.desiredNumberScheduled - status.numberAvailable
  const next: DaemonSetStatus = withoutZeros(status, ['updatedNumberScheduled', 'numberAvailable', 'numberUnavailable'])
  if (!same(next, set.status ?? {})) {
    await context.api.updateStatus<DaemonSet>({ ...structuredClone(set), status: next } as DaemonSet)
  }
  return waits.length === 0 ? null : Math.min(...waits)
}

/** The pod that stands for its node: a ready one, else the oldest. */
function foremost(pods: readonly Pod[]): Pod | undefined {
  return [...pods].sort(
    (a, b) =>
      Number(isReady(b)) - Number(isReady(a)) ||
      (a.metadata.creationTimestamp ?? '').localeCompare(b.metadata.creationTimestamp ?? ''),
  )[0]
}
