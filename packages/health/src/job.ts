import type { Health } from '@slipway/domain'
import type { Job } from 'kubernetes-types/batch/v1.d.ts'
import type { ContainerStateTerminated, Pod } from 'kubernetes-types/core/v1.d.ts'
import { type HealthContext, ownedBy } from './context.ts'
import { asClause, calm, type Finding, finding, healthOf, quote, worst } from './finding.ts'
import { podFinding } from './pod.ts'

/** State of a Job, and what its container left behind. Callers put it into words. */
export interface JobOutcome {
  end: 'complete' | 'failed' | 'timed_out' | null
  /** How its container ended; null where none has, or its pod is gone. */
  exit: ContainerStateTerminated | null
  /** What the cluster says of a pod that it ended: a lost node, an eviction. */
  podFailure: string | null
}

const conditionsOf = ({ status }: Job) => status?.conditions?.filter((each) => each.status === 'True') ?? []

/** A Job has more than one pod after a node was drained: the newest is the one that counts. */
export function newestFirst<P extends Pod>(pods: readonly P[]): P[] {
  const madeAt = (pod: P) => Date.parse(pod.metadata?.creationTimestamp ?? '') || 0
  return [...pods].sort((a, b) => madeAt(b) - madeAt(a))
}

/** Of a pod that succeeded where one did, else of the newest that has ended. */
function exitOf(pods: readonly Pod[], container: string): ContainerStateTerminated | null {
  const succeeded = pods.filter(({ status }) => status?.phase === 'Succeeded')
  for (const { status } of succeeded.length > 0 ? succeeded : newestFirst(pods)) {
    const ended = status?.containerStatuses?.find(({ name }) => name === container)?.state?.terminated
    if (ended) return ended
  }
  return null
}

/**
 * Judges a Job by its terminal condition and the pods that it has left.
 * Reference: https://kubernetes.io/docs/concepts/workloads/controllers/job/#terminal-job-conditions
 */
export function jobOutcome(job: Job, pods: readonly Pod[], container: string): JobOutcome {
  const condition = conditionsOf(job).find(({ type }) => type === 'Complete' || type === 'Failed')
  const failed = pods.find(({ status }) => status?.phase === 'Failed')?.status
  const end =
    condition?.type === 'Complete' ? 'complete' : condition?.reason === 'DeadlineExceeded' ? 'timed_out' : 'failed'
  return {
    end: condition === undefined ? null : end,
    exit: exitOf(pods, container),
    podFailure: failed?.message ?? failed?.reason ?? null,
  }
}

/** What keeps a Job's pod from starting. */
export interface JobWait {
  cause: 'image' | 'start' | 'capacity'
  /** The cluster's own words; its reason where it has none. */
  message: string
  /** True where `message` is but a reason: a back-off repeats nothing of what was said before. */
  isBare: boolean
}

const PULL_REASON = /^(ErrImagePull|ImagePullBackOff|InvalidImageName)$/

/** The scheduler's own sentence without what follows it about preemption, which is not for people who deploy. */
const firstSentence = (message: string) => `${message.split('. ')[0]?.replace(/\.$/, '') ?? message}.`

/** Why a Job's pod has not begun; null when it has, or nothing keeps it. */
export function jobWait({ status }: Pod, container: string): JobWait | null {
  const waiting = status?.containerStatuses?.find(({ name }) => name === container)?.state?.waiting
  const reason = waiting?.reason ?? ''
  const cause = PULL_REASON.test(reason) ? 'image' : /Error$/.test(reason) ? 'start' : null
  if (cause !== null) return { cause, message: waiting?.message || reason, isBare: !waiting?.message }
  const scheduled = status?.conditions?.find(({ type }) => type === 'PodScheduled')
  if (scheduled?.status !== 'False') return null
  return { cause: 'capacity', message: firstSentence(scheduled.message ?? scheduled.reason ?? ''), isBare: false }
}

function failedJob(job: Job, reason: string, message: string, cause: Finding | null): Finding {
  const name = job.metadata?.name
  const log = cause?.log ?? null
  const instance = cause?.instance ?? null
  if (reason === 'DeadlineExceeded') {
    const limit = job.spec?.activeDeadlineSeconds
    return finding({
      status: 'Degraded',
      reason,
      message: `The job ${name} was stopped because it exceeded its time limit${limit ? ` (${limit} seconds)` : ''}.`,
      action: 'Make it faster, or give it more time.',
      instance,
      log,
    })
  }
  return finding({
    status: 'Degraded',
    reason,
    message: `The job ${name} failed: ${cause ? asClause(cause.message) : quote(message)}.`,
    action: cause?.action ?? 'Read its log for the cause, fix it and run it again.',
    instance,
    log,
  })
}

/**
 * Health of one Job.
 * Reference: https://kubernetes.io/docs/concepts/workloads/controllers/job/#terminal-job-conditions
 */
export function jobHealth(job: Job, context: HealthContext): Health {
  const name = job.metadata?.name
  const conditions = conditionsOf(job)
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
  // Pods that already failed are tried again until the limit; only one that cannot even start holds the job up.
  const stuck = worst(findings.filter(({ log, instance }) => log === null && instance !== null))
  if (stuck && (job.status?.active ?? 0) > 0) return healthOf(stuck)
  const tries = job.status?.failed
    ? ` after ${job.status.failed} failed ${job.status.failed === 1 ? 'try' : 'tries'}`
    : ''
  return healthOf(calm('Progressing', 'Running', `The job ${name} is running${tries}.`))
}
