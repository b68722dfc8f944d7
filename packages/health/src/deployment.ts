import type { Health } from '@slipway/domain'
import type { Deployment, ReplicaSet } from 'kubernetes-types/apps/v1.d.ts'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { type HealthContext, ownedBy } from './context.ts'
import { calm, count, type Finding, finding, healthOf } from './finding.ts'
import { processOf, releaseOf, trackOf } from './labels.ts'
import type { AppObjects } from './objects.ts'
import { replicaSetFinding } from './replica-set.ts'
import type { ObservedWorkload } from './workload.ts'

const REVISION = 'deployment.kubernetes.io/revision'

/** The ReplicaSet of the Deployment's present template: the one with its revision; undefined until there is one. */
function currentReplicaSet(deployment: Deployment, replicaSets: readonly ReplicaSet[] = []): ReplicaSet | undefined {
  const revision = deployment.metadata?.annotations?.[REVISION]
  return ownedBy(deployment, replicaSets).find(({ metadata }) => metadata?.annotations?.[REVISION] === revision)
}

/**
 * True when every wanted instance is of the present template and available, and no older one is left.
 * The same test as `kubectl rollout status`.
 */
function isRolledOut({ metadata, spec, status }: Deployment): boolean {
  const wanted = spec?.replicas ?? 1
  return (
    (status?.observedGeneration ?? 0) >= (metadata?.generation ?? 0) &&
    (status?.updatedReplicas ?? 0) >= wanted &&
    (status?.replicas ?? 0) <= (status?.updatedReplicas ?? 0) &&
    (status?.availableReplicas ?? 0) >= wanted
  )
}

/** True when the present template was rolled out completely before, whatever happened to its instances since. */
function wasRolledOut({ metadata, status }: Deployment, pods: readonly Pod[]): boolean {
  const observed = (status?.observedGeneration ?? 0) >= (metadata?.generation ?? 0)
  const staying = pods.filter((pod) => !pod.metadata?.deletionTimestamp)
  // Conditions lag behind: while instances of another release stay, it is being rolled out.
  if (staying.some((pod) => releaseOf(pod) !== releaseOf({ metadata }))) return false
  const own = staying.length > 0
  const complete = status?.conditions?.some(
    (each) => each.type === 'Progressing' && each.reason === 'NewReplicaSetAvailable',
  )
  return (observed || own) && (complete ?? false)
}

/** The steps of a roll-out, in the words of `kubectl rollout status`. */
function progress(deployment: Deployment): Finding {
  const wanted = deployment.spec?.replicas ?? 1
  const { replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = deployment.status ?? {}
  const text =
    updatedReplicas < wanted
      ? `${updatedReplicas} of ${count(wanted, 'instance')} updated`
      : replicas > updatedReplicas
        ? `${count(replicas - updatedReplicas, 'old instance')} still to stop`
        : `${availableReplicas} of ${count(wanted, 'instance')} available`
  return calm('Progressing', 'RollingOut', `Rolling out: ${text}.`)
}

function deadlineExceeded(deployment: Deployment): Finding {
  const process = processOf(deployment)
  const seconds = deployment.spec?.progressDeadlineSeconds ?? 600
  return finding({
    status: 'Degraded',
    reason: 'ProgressDeadlineExceeded',
    message: `The rollout of ${process ? `the ${process} process` : deployment.metadata?.name} made no progress for ${seconds} seconds.`,
    cause: `The rollout made no progress for ${seconds} seconds.`,
    action: 'Look at the instances that are not ready and at their logs, then deploy a fix or roll back.',
    cures: ['roll_back', 'restart'],
  })
}

function replicaFailure({ status }: Deployment): boolean {
  return status?.conditions?.some((each) => each.type === 'ReplicaFailure' && each.status === 'True') ?? false
}

/** A ReplicaSet that carries no more than the Deployment tells of it: where ReplicaSets are not given. */
function asReplicaSet(deployment: Deployment): ReplicaSet {
  return {
    metadata: { name: deployment.metadata?.name, labels: deployment.metadata?.labels },
    spec: { replicas: deployment.spec?.replicas, selector: deployment.spec?.selector ?? {} },
    status: { replicas: 0, conditions: deployment.status?.conditions },
  }
}

/** What is to be said of a Deployment, by its ReplicaSets and pods where they are given. */
function deploymentFinding(deployment: Deployment, context: HealthContext): Finding {
  const { metadata, spec, status } = deployment
  const wanted = spec?.replicas ?? 1
  if (spec?.paused) return calm('Suspended', 'DeploymentPaused', `${metadata?.name} is paused.`)
  if ((status?.observedGeneration ?? 0) < (metadata?.generation ?? 0)) {
    return calm('Progressing', 'NotObserved', `The cluster has not picked up the last change to ${metadata?.name} yet.`)
  }
  if (wanted === 0) return calm('Suspended', 'ScaledToZero', `${metadata?.name} is scaled to 0.`)
  const replicaSet = currentReplicaSet(deployment, context.replicaSets)
  const cause = replicaSet
    ? replicaSetFinding(replicaSet, context)
    : replicaFailure(deployment)
      ? replicaSetFinding(asReplicaSet(deployment), context)
      : null
  if (cause?.action) return cause
  const late = status?.conditions?.some(
    ({ type, reason }) => type === 'Progressing' && reason === 'ProgressDeadlineExceeded',
  )
  if (late) return deadlineExceeded(deployment)
  if (!isRolledOut(deployment)) return cause?.reason === 'QuotaExceeded' ? cause : progress(deployment)
  return calm('Healthy', 'MinimumReplicasAvailable', `${count(wanted, 'instance')} of ${metadata?.name} available.`)
}

/**
 * Health of one Deployment.
 * Reference: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#deployment-status
 */
export function deploymentHealth(deployment: Deployment, context: HealthContext): Health {
  return healthOf(deploymentFinding(deployment, context))
}

/** The Deployment of a process on the stable track. */
export function observeDeployment({ deployments }: AppObjects, process: string): ObservedWorkload | null {
  const deployment = deployments.find((each) => processOf(each) === process && trackOf(each) === 'stable')
  if (deployment === undefined) return null
  return {
    release: releaseOf(deployment),
    replicas: deployment.spec?.replicas ?? 1,
    isRolledOut: isRolledOut(deployment),
    wasRolledOut: (pods) => wasRolledOut(deployment, pods),
    finding: (context) => deploymentFinding(deployment, context),
  }
}
