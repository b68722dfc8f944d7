import type { Pod } from '../types/pod.ts'
import { isTerminating } from '../types/pod-conditions.ts'
import { same } from '../types/same.ts'
import type { ControllerContext } from './kind-controller.ts'
import { withoutZeros } from './replicaset.ts'
import { availabilityIn, isRunningAndReady, replicasOf, revisionOf } from './statefulset-pods.ts'
import type { StatefulSet, StatefulSetStatus } from './workload-objects.ts'

/** Names of the revision the set had and of the one it goes to. */
export interface Revisions {
  current: string
  update: string
  collisionCount: number
}

export type StatefulSetCounts = Required<
  Pick<StatefulSetStatus, 'replicas' | 'readyReplicas' | 'availableReplicas' | 'currentReplicas' | 'updatedReplicas'>
>

/** Reference: computeReplicaStatus of pkg/controller/statefulset. */
export function countPods(
  context: ControllerContext,
  set: StatefulSet,
  pods: readonly Pod[],
  revisions: Revisions,
): StatefulSetCounts {
  const count = (test: (pod: Pod) => boolean) => pods.filter(test).length
  return {
    replicas: pods.length,
    readyReplicas: count(isRunningAndReady),
    availableReplicas: count((pod) => availabilityIn(context, set, pod) === 0),
    currentReplicas: count((pod) => !isTerminating(pod) && revisionOf(pod) === revisions.current),
    updatedReplicas: count((pod) => !isTerminating(pod) && revisionOf(pod) === revisions.update),
  }
}

/** Writes the status where it has changed. A finished rolling update makes the new revision the current one. */
export async function writeStatefulSetStatus(
  { api }: ControllerContext,
  set: StatefulSet,
  counts: StatefulSetCounts,
  revisions: Revisions,
): Promise<void> {
  const complete =
    set.spec.updateStrategy?.type === 'RollingUpdate' &&
    [counts.replicas, counts.updatedReplicas, counts.readyReplicas].every((count) => count === replicasOf(set))
  const status: StatefulSetStatus = withoutZeros(
    {
      ...counts,
      ...(complete ? { currentReplicas: counts.updatedReplicas } : {}),
      observedGeneration: set.metadata.generation ?? 0,
      currentRevision: complete ? revisions.update : revisions.current,
      updateRevision: revisions.update,
      collisionCount: revisions.collisionCount,
      ...(set.status?.conditions === undefined ? {} : { conditions: set.status.conditions }),
    },
    ['readyReplicas', 'currentReplicas', 'updatedReplicas'],
  )
  if (same(status, set.status ?? {})) return
  await api.updateStatus({ ...structuredClone(set), status } as StatefulSet)
}
