import type { Condition } from '../types/condition.ts'
import type { Pod } from '../types/pod.ts'
import { availableIn, conditionOf, deletionOrder, isActive, isReady, isTerminating } from '../types/pod-conditions.ts'
import { Pods, ReplicaSets } from '../types/resources.ts'
import { same } from '../types/same.ts'
import { selects } from '../types/selectors.ts'
import { timestamp } from '../types/times.ts'
import type { ReplicaSet, ReplicaSetStatus } from '../types/workload.ts'
import { claim } from './claim.ts'
import { removeCondition, setCondition } from './conditions.ts'
import { type ControllerContext, keyOf, ownerKeys, parseKey, runController } from './kind-controller.ts'
import { createOwnedPod, deleteOwnedPod, slowStart } from './pod-control.ts'

/** Most pods created or deleted in one look. Reference: BurstReplicas of pkg/controller/replicaset. */
const BURST = 500
const COMPONENT = 'replicaset-controller'

/** ReplicaSets: as many pods as are wanted. Reference: k8s.io/kubernetes/pkg/controller/replicaset. */
export function runReplicaSets(context: ControllerContext) {
  return runController(context, {
    name: 'replicaset',
    reconcile: (key) => reconcile(context, key),
    watches: [
      { type: ReplicaSets, keys: (object) => [keyOf(object)] },
      { type: Pods, keys: (object, _deleted, previous) => ownerKeys(object, 'ReplicaSet', previous) },
    ],
  })
}

async function reconcile(context: ControllerContext, key: string) {
  const { api } = context
  const set = await api.get<ReplicaSet>(ReplicaSets, parseKey(key))
  if (set === null) return undefined
  const pods = await claim<Pod>(context, Pods, set, set.spec.selector, { adopts: isActive })
  const active = pods.filter(isActive)
  let failure: string | null = null
  if (set.metadata.deletionTimestamp === undefined) {
    failure = await manage(context, set, active)
  }
  // Of the pods as they were before: those that were made now are told of by the next look, as in Kubernetes.
  const requeueAfterMs = await writeStatus(context, set, pods, failure)
  if (failure !== null) throw new Error(failure)
  return requeueAfterMs === undefined ? undefined : { requeueAfterMs }
}

/** Creates or deletes pods; answers the message of a create that was refused. */
async function manage(context: ControllerContext, set: ReplicaSet, active: Pod[]): Promise<string | null> {
  const difference = active.length - (set.spec.replicas ?? 1)
  if (difference === 0) return null
  if (difference < 0)
    return slowStart(Math.min(-difference, BURST), () => createOwnedPod(context, set, set.spec.template, COMPONENT))
  for (const pod of [...active].sort(deletionOrder).slice(0, Math.min(difference, BURST))) {
    await deleteOwnedPod(context, set, pod, COMPONENT)
  }
  return null
}

async function writeStatus(
  { api, now }: ControllerContext,
  set: ReplicaSet,
  pods: Pod[],
  failure: string | null,
): Promise<number | undefined> {
  const active = pods.filter(isActive)
  const waits = active.map((pod) => availableIn(pod, set.spec.minReadySeconds ?? 0, now()))
  const time = timestamp(now())
  const failed: Condition = {
    type: 'ReplicaFailure',
    status: 'True',
    reason: 'FailedCreate',
    ...(failure === null ? {} : { message: failure }),
  }
  const present = set.status?.conditions ?? []
  // The message names the pod that was refused, another one each time: it stays as it was first said, as in Kubernetes.
  const known = conditionOf(present, 'ReplicaFailure')?.status === 'True'
  const conditions =
    failure === null
      ? removeCondition(present, 'ReplicaFailure')
      : known
        ? present
        : setCondition(present, failed, time)
  const labels = set.spec.template.metadata?.labels
  const status: ReplicaSetStatus = {
    replicas: active.length,
    fullyLabeledReplicas: active.filter((pod) => selects({ matchLabels: labels ?? {} }, pod.metadata.labels)).length,
    readyReplicas: active.filter(isReady).length,
    availableReplicas: waits.filter((wait) => wait === 0).length,
    terminatingReplicas: pods.filter(isTerminating).length,
    observedGeneration: set.metadata.generation ?? 0,
  }
  const next = withoutZeros(status, ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'])
  if (conditions.length > 0) next.conditions = [...conditions]
  if (!same(next, set.status ?? {})) {
    await api.updateStatus({ ...structuredClone(set), status: next } as ReplicaSet)
  }
  const soonest = Math.min(...waits.map((wait) => (wait === null || wait === 0 ? Number.POSITIVE_INFINITY : wait)))
  return Number.isFinite(soonest) ? soonest + 50 : undefined
}

/** Counters of 0 are left out, as `omitempty` does. */
export function withoutZeros<T extends object>(status: T, keys: readonly (keyof T)[]): T {
  const copy = { ...status }
  for (const key of keys) if (copy[key] === 0) delete copy[key]
  return copy
}
