import type { Health } from '@slipway/domain'
import type { ReplicaSet } from 'kubernetes-types/apps/v1.d.ts'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { type HealthContext, ownedBy } from './context.ts'
import { calm, count, type Finding, finding, healthOf, worst } from './finding.ts'
import { processOf } from './labels.ts'
import { podFinding } from './pod.ts'
import { fitsByNow } from './quota-message.ts'
import { refusalOf } from './refusal.ts'

/** A pod that the API server refused. Where a quota has room again, or will once stopping pods are gone, it only has to wait. */
function refused(replicaSet: ReplicaSet, message: string, context: HealthContext): Finding {
  const process = processOf(replicaSet)
  const refusal = refusalOf(message)
  const sentence = `No further instance of ${process ? `the ${process} process` : replicaSet.metadata?.name} can start: ${refusal.clause}.`
  const pods = refusal.reason === 'QuotaExceeded' ? (context.namespacePods?.() ?? context.pods ?? []) : []
  if (refusal.reason === 'QuotaExceeded' && fitsByNow(message, pods)) {
    const stopping = pods.filter(({ metadata }) => metadata?.deletionTimestamp).length
    const what =
      stopping > 0 ? `${count(stopping, 'stopping instance')} to free the quota` : 'the next instance to start'
    return calm('Progressing', refusal.reason, `Waiting for ${what}.`)
  }
  return finding({
    status: 'Degraded',
    reason: refusal.reason,
    message: sentence,
    cause: refusal.cause,
    action: refusal.action,
    cures: refusal.cures,
  })
}

/** Its pods; those that are over, such as evicted ones, only while none has taken their place. */
function podsThatCount(replicaSet: ReplicaSet, context: HealthContext): Pod[] {
  const pods = ownedBy(replicaSet, context.pods)
  const active = pods.filter(({ status }) => status?.phase !== 'Failed')
  return active.length >= (replicaSet.spec?.replicas ?? 1) ? active : pods
}

/** What is to be said of a ReplicaSet, by its pods where they are given. */
export function replicaSetFinding(replicaSet: ReplicaSet, context: HealthContext): Finding {
  const wanted = replicaSet.spec?.replicas ?? 1
  const name = replicaSet.metadata?.name ?? ''
  const { status } = replicaSet
  if ((status?.observedGeneration ?? 0) < (replicaSet.metadata?.generation ?? 0)) {
    return calm('Progressing', 'NotObserved', `The cluster has not picked up ${name} yet.`)
  }
  if (wanted === 0) return calm('Suspended', 'ScaledToZero', `${name} is scaled to 0.`)
  const failure = status?.conditions?.find(({ type, status }) => type === 'ReplicaFailure' && status === 'True')
  const findings = podsThatCount(replicaSet, context).map((pod) => podFinding(pod, context))
  if (failure) findings.unshift(refused(replicaSet, failure.message ?? failure.reason ?? '', context))
  const available = status?.availableReplicas ?? 0
  const found = worst(findings.filter(({ status }) => status !== 'Healthy' && status !== 'Suspended'))
  if (found && (found.action || available < wanted)) return found
  if (available >= wanted) return calm('Healthy', 'Available', `${count(available, 'instance')} of ${name} available.`)
  return calm(
    'Progressing',
    'ReplicasUnavailable',
    `${available} of ${count(wanted, 'instance')} of ${name} available.`,
  )
}

/**
 * Health of one ReplicaSet.
 * Reference: https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/
 */
export function replicaSetHealth(replicaSet: ReplicaSet, context: HealthContext): Health {
  return healthOf(replicaSetFinding(replicaSet, context))
}
