import type { Condition } from '../types/condition.ts'
import { conditionOf } from '../types/pod-conditions.ts'
import { same } from '../types/same.ts'
import { timestamp } from '../types/times.ts'
import type { Deployment, DeploymentStatus, ReplicaSet } from '../types/workload.ts'
import { removeCondition } from './conditions.ts'
import type { ControllerContext } from './kind-controller.ts'
import { withoutZeros } from './replicaset.ts'
import { replicasOf, rollingLimits, wanted } from './rolling.ts'

/**
 * Writes a Deployment's status when it has changed. `complete`: everything wanted is there and nothing else.
 * Reference: syncRolloutStatus of pkg/controller/deployment/progress.go.
 */
export async function writeDeploymentStatus(
  context: ControllerContext,
  deployment: Deployment,
  fresh: ReplicaSet | null,
  sets: readonly ReplicaSet[],
): Promise<{ complete: boolean; requeueAfterMs?: number }> {
  const time = timestamp(context.now())
  const counts = countsOf(deployment, fresh, sets)
  const complete = isComplete(deployment, counts)
  let conditions = setStatus(deployment.status?.conditions ?? [], availability(deployment, counts), time)
  conditions = replicaFailure(conditions, fresh, sets, time)
  conditions = progress(context, deployment, fresh, counts, conditions)
  const status: DeploymentStatus = withoutZeros(
    { ...counts, observedGeneration: deployment.metadata.generation ?? 0 },
    ['replicas', 'updatedReplicas', 'readyReplicas', 'availableReplicas', 'unavailableReplicas'],
  )
  status.conditions = [...conditions]
  if (!same(status, deployment.status ?? {})) {
    await context.api.updateStatus({ ...structuredClone(deployment), status } as Deployment)
  }
  const deadlineMs = deadlineIn(context, deployment, conditions)
  return deadlineMs === null ? { complete } : { complete, requeueAfterMs: deadlineMs }
}

type Counts = Required<
  Pick<
    DeploymentStatus,
    | 'replicas'
    | 'updatedReplicas'
    | 'readyReplicas'
    | 'availableReplicas'
    | 'unavailableReplicas'
    | 'terminatingReplicas'
  >
>

function countsOf(_deployment: Deployment, fresh: ReplicaSet | null, sets: readonly ReplicaSet[]): Counts {
  const sum = (of: (set: ReplicaSet) => number) => sets.reduce((total, set) => total + of(set), 0)
  const availableReplicas = sum((set) => set.status?.availableReplicas ?? 0)
  return {
    replicas: sum((set) => set.status?.replicas ?? 0),
    updatedReplicas: fresh?.status?.replicas ?? 0,
    readyReplicas: sum((set) => set.status?.readyReplicas ?? 0),
    availableReplicas,
    unavailableReplicas: Math.max(0, sum(replicasOf) - availableReplicas),
    terminatingReplicas: sum((set) => set.status?.terminatingReplicas ?? 0),
  }
}

function isComplete(deployment: Deployment, counts: Counts): boolean {
  const replicas = wanted(deployment)
  return counts.updatedReplicas === replicas && counts.replicas === replicas && counts.availableReplicas === replicas
}

/** Sets a condition as the deployment controller does: the same status and reason change nothing. */
function setStatus(conditions: readonly Condition[], next: Condition, time: string): readonly Condition[] {
  const present = conditionOf(conditions, next.type)
  if (present?.status === next.status && present.reason === next.reason) return conditions
  const lastTransitionTime = present?.status === next.status ? (present.lastTransitionTime ?? time) : time
  return [
    ...conditions.filter((condition) => condition.type !== next.type),
    { ...next, lastUpdateTime: time, lastTransitionTime },
  ]
}

function availability(deployment: Deployment, counts: Counts): Condition {
  return counts.availableReplicas >= wanted(deployment) - rollingLimits(deployment).maxUnavailable
    ? {
        type: 'Available',
        status: 'True',
        reason: 'MinimumReplicasAvailable',
        message: 'Deployment has minimum availability.',
      }
    : {
        type: 'Available',
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'Deployment does not have minimum availability.',
      }
}

function replicaFailure(
  conditions: readonly Condition[],
  fresh: ReplicaSet | null,
  sets: readonly ReplicaSet[],
  time: string,
): readonly Condition[] {
  const ordered = fresh === null ? sets : [fresh, ...sets]
  const failure = ordered.map((set) => conditionOf(set.status?.conditions, 'ReplicaFailure')).find(Boolean)
  if (failure === undefined) return removeCondition(conditions, 'ReplicaFailure')
  const { type, status, reason, message } = failure
  const next: Condition = { type, status, ...(reason ? { reason } : {}), ...(message ? { message } : {}) }
  return setStatus(conditions, next, time)
}

function progress(
  context: ControllerContext,
  deployment: Deployment,
  fresh: ReplicaSet | null,
  counts: Counts,
  conditions: readonly Condition[],
): readonly Condition[] {
  const present = conditionOf(conditions, 'Progressing')
  const before = deployment.status ?? {}
  const settled = counts.replicas === counts.updatedReplicas && present?.reason === 'NewReplicaSetAvailable'
  if (deployment.spec.progressDeadlineSeconds === undefined || settled || deployment.spec.paused === true)
    return conditions
  const time = timestamp(context.now())
  const name = fresh === null ? `Deployment "${deployment.metadata.name}"` : `ReplicaSet "${fresh.metadata.name}"`
  const next = (status: 'True' | 'False', reason: string, message: string): Condition => ({
    type: 'Progressing',
    status,
    reason,
    message,
  })
  if (isComplete(deployment, counts)) {
    return setStatus(conditions, next('True', 'NewReplicaSetAvailable', `${name} has successfully progressed.`), time)
  }
  if (hasProgressed(before, counts)) {
    const lastTransitionTime = present?.status === 'True' ? (present?.lastTransitionTime ?? time) : time
    const updated = next('True', 'ReplicaSetUpdated', `${name} is progressing.`)
    return [
      ...conditions.filter((condition) => condition.type !== 'Progressing'),
      { ...updated, lastUpdateTime: time, lastTransitionTime },
    ]
  }
  if (deadlineIn(context, deployment, conditions) === 0) {
    return setStatus(conditions, next('False', 'ProgressDeadlineExceeded', `${name} has timed out progressing.`), time)
  }
  return conditions
}

/** The conditions with what is new about the ReplicaSet of the wanted template; the same list where nothing is. */
export function progressOfSet(
  deployment: Deployment,
  fresh: ReplicaSet,
  isNew: boolean,
  time: string,
): readonly Condition[] {
  const conditions = deployment.status?.conditions ?? []
  const known = conditionOf(conditions, 'Progressing') !== undefined
  if (deployment.spec.progressDeadlineSeconds === undefined || (!isNew && known)) return conditions
  const [reason, what] = isNew ? ['NewReplicaSetCreated', 'Created'] : ['FoundNewReplicaSet', 'Found']
  const message = `${what} new replica set "${fresh.metadata.name}"`
  return setStatus(conditions, { type: 'Progressing', status: 'True', reason, message }, time)
}

/** Says that a Deployment rests, or goes on: its progress is not measured meanwhile. Reference: checkPausedConditions. */
export async function notePause({ api, now }: ControllerContext, deployment: Deployment): Promise<Deployment> {
  const conditions = deployment.status?.conditions ?? []
  const reason = conditionOf(conditions, 'Progressing')?.reason
  const { paused = false, progressDeadlineSeconds } = deployment.spec
  if (progressDeadlineSeconds === undefined || reason === 'ProgressDeadlineExceeded') return deployment
  if (paused === (reason === 'DeploymentPaused')) return deployment
  const next: Condition = paused
    ? { type: 'Progressing', status: 'Unknown', reason: 'DeploymentPaused', message: 'Deployment is paused' }
    : { type: 'Progressing', status: 'Unknown', reason: 'DeploymentResumed', message: 'Deployment is resumed' }
  const status = { ...deployment.status, conditions: [...setStatus(conditions, next, timestamp(now()))] }
  return api.updateStatus<Deployment>({ ...structuredClone(deployment), status } as Deployment)
}

function hasProgressed(before: DeploymentStatus, counts: Counts): boolean {
  const oldBefore = (before.replicas ?? 0) - (before.updatedReplicas ?? 0)
  return (
    counts.updatedReplicas > (before.updatedReplicas ?? 0) ||
    counts.replicas - counts.updatedReplicas < oldBefore ||
    counts.readyReplicas > (before.readyReplicas ?? 0) ||
    counts.availableReplicas > (before.availableReplicas ?? 0)
  )
}

/** Time in ms until the progress deadline, 0 when it is over, null when none runs. */
function deadlineIn(
  context: ControllerContext,
  deployment: Deployment,
  conditions: readonly Condition[],
): number | null {
  const present = conditionOf(conditions, 'Progressing')
  const seconds = deployment.spec.progressDeadlineSeconds
  if (present === undefined || seconds === undefined) return null
  const still = ['NewReplicaSetAvailable', 'ProgressDeadlineExceeded', 'DeploymentPaused']
  if (still.includes(present.reason ?? '')) return null
  const since = Date.parse(present.lastUpdateTime ?? '')
  return Math.max(0, since + seconds * 1000 - context.now())
}
