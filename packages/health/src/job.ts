import type { Health } from '@slipway/domain'
import type { Job } from 'kubernetes-types/batch/v1.d.ts'
import { type HealthContext, ownedBy } from './context.ts'
import { asClause, calm, type Finding, healthOf, quote, worst } from './finding.ts'
import { podFinding } from './pod.ts'

function failedJob(job: Job, reason: string, message: string, cause: Finding | null): Finding {
  const name = job.metadata?.name
  const log = cause?.log ?? null
  const instance = cause?.instance ?? null
  if (reason === 'DeadlineExceeded') {
    const limit = job.spec?.activeDeadlineSeconds
    return {
      status: 'Degraded',
      reason,
      message: `The job ${name} was stopped because it took longer than it may${limit ? ` (${limit} seconds)` : ''}.`,
      action: 'Make it faster, or give it more time.',
      instance,
      log,
    }
  }
  return {
    status: 'Degraded',
    reason,
    message: `The job ${name} failed: ${cause ? asClause(cause.message) : quote(message)}.`,
    action: cause?.action ?? 'Read its log for the cause, fix it and run it again.',
    instance,
    log,
  }
}

/**
 * Health of one Job.
 * Reference: https://kubernetes.io/docs/concepts/workloads/controllers/job/#terminal-job-conditions
 */
export function jobHealth(job: Job, context: HealthContext): Health {
  const name = job.metadata?.name
  const conditions = job.status?.conditions?.filter(({ status }) => status === 'True') ?? []
  const condition = (...types: string[]) => conditions.find(({ type }) => types.includes(type))
  const findings = ownedBy(job, context.pods)
    .map((pod) => podFinding(pod, context))
    .filter(({ status }) => status === 'Degraded')
  const cause = worst(findings)
  const failure = condition('Failed', 'FailureTarget')
  if (failure) return healthOf(failedJob(job, failure.reason ?? 'Failed', failure.message ?? '', cause))
  if (condition('Complete', 'SuccessCriteriaMet'))
    return healthOf(calm('Healthy', 'Complete', `The job ${name} is done.`))
  if (condition('Suspended') || job.spec?.suspend)
    return healthOf(calm('Suspended', 'JobSuspended', `The job ${name} is suspended.`))
  // Pods that already failed are tried again until the limit; only one that can not even start holds the job up.
  const stuck = worst(findings.filter(({ log, instance }) => log === null && instance !== null))
  if (stuck && (job.status?.active ?? 0) > 0) return healthOf(stuck)
  const tries = job.status?.failed
    ? ` after ${job.status.failed} failed ${job.status.failed === 1 ? 'try' : 'tries'}`
    : ''
  return healthOf(calm('Progressing', 'Running', `The job ${name} is running${tries}.`))
}
