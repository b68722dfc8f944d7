import type { Condition } from '../types/condition.ts'
import type { Pod } from '../types/pod.ts'
import { conditionOf, isActive } from '../types/pod-conditions.ts'
import { isIndexed, parseIndexes } from './job-indexes.ts'
import type { Job, SuccessRule } from './job-objects.ts'
import { failedSoFar, succeededSoFar, type Tally } from './job-tally.ts'

/** How a Job ends: the condition that says so. */
export interface Verdict {
  type: 'Complete' | 'Failed'
  reason: string
  message: string
}

/** The condition by which a Job's end is announced, while its pods still end. */
const announcing = ({ type }: Verdict) => (type === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget')

const failure = (reason: string, message: string): Verdict => ({ type: 'Failed', reason, message })

/** Null while the Job goes on. Reference: syncJob of pkg/controller/job. */
export function verdictOf(
  job: Job,
  tally: Tally,
  pods: readonly Pod[],
  startTime: string,
  nowMs: number,
): Verdict | null {
  return announced(job) ?? failed(job, tally, pods, startTime, nowMs) ?? succeeded(job, tally, pods)
}

/** What was decided once stays. */
function announced(job: Job): Verdict | null {
  for (const type of ['Failed', 'Complete'] as const) {
    const found = conditionOf(job.status?.conditions, announcing({ type, reason: '', message: '' }))
    if (found?.status === 'True') return { type, reason: found.reason ?? '', message: found.message ?? '' }
  }
  return null
}

function failed(job: Job, tally: Tally, pods: readonly Pod[], startTime: string, nowMs: number): Verdict | null {
  const { backoffLimit = 6, activeDeadlineSeconds, suspend, maxFailedIndexes } = job.spec
  if (tally.policyFailure !== null) return failure('PodFailurePolicy', tally.policyFailure.message)
  if (failedSoFar(tally) > backoffLimit || restartedTooOften(job, pods, backoffLimit)) {
    return failure('BackoffLimitExceeded', 'Job has reached the specified backoff limit')
  }
  const late = activeDeadlineSeconds !== undefined && nowMs >= Date.parse(startTime) + activeDeadlineSeconds * 1000
  if (late && suspend !== true) return failure('DeadlineExceeded', 'Job was active longer than specified deadline')
  if (maxFailedIndexes !== undefined && tally.failedIndexes.size > maxFailedIndexes) {
    const message = 'Job has exceeded the specified maximal number of failed indexes'
    return failure('MaxFailedIndexesExceeded', message)
  }
  const done = tally.completed.size + tally.failedIndexes.size >= (job.spec.completions ?? Number.POSITIVE_INFINITY)
  if (isIndexed(job) && tally.failedIndexes.size > 0 && done) return failure('FailedIndexes', 'Job has failed indexes')
  return null
}

/** With `OnFailure` containers restart in place; their restarts count. Reference: pastBackoffLimitOnFailure. */
function restartedTooOften(job: Job, pods: readonly Pod[], limit: number): boolean {
  if (job.spec.template.spec.restartPolicy !== 'OnFailure') return false
  const restarts = pods
    .filter(({ status }) => status?.phase === 'Running' || status?.phase === 'Pending')
    .flatMap(({ status }) => [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])])
    .reduce((sum, { restartCount }) => sum + restartCount, 0)
  return limit === 0 ? restarts > 0 : restarts >= limit
}

function succeeded(job: Job, tally: Tally, pods: readonly Pod[]): Verdict | null {
  const rules = job.spec.successPolicy?.rules ?? []
  const matched = isIndexed(job) ? rules.findIndex((rule) => isMet(rule, tally.completed)) : -1
  if (matched >= 0) {
    return { type: 'Complete', reason: 'SuccessPolicy', message: `Matched rules at index ${matched}` }
  }
  const { completions } = job.spec
  const count = succeededSoFar(tally)
  const enough = completions === undefined ? count > 0 : count >= completions
  if (!enough || pods.some(isActive)) return null
  // A Job that wants none, and is not allowed to start one, is complete as well.
  return { type: 'Complete', reason: 'CompletionsReached', message: 'Reached expected number of succeeded pods' }
}

function isMet({ succeededIndexes, succeededCount }: SuccessRule, completed: ReadonlySet<number>): boolean {
  const among = succeededIndexes === undefined ? null : parseIndexes(succeededIndexes)
  const hits = among === null ? completed.size : [...among].filter((index) => completed.has(index)).length
  return hits >= (succeededCount ?? among?.size ?? Number.POSITIVE_INFINITY)
}

/** The Job's conditions with what is decided: announced first, said when no pod is left. */
export function conditionsWith(job: Job, verdict: Verdict | null, final: boolean, time: string): Condition[] {
  const conditions = [...(job.status?.conditions ?? [])]
  if (verdict === null) return conditions
  for (const type of final ? [announcing(verdict), verdict.type] : [announcing(verdict)]) {
    if (conditionOf(conditions, type) !== undefined) continue
    const { reason, message } = verdict
    conditions.push({ type, status: 'True', lastProbeTime: time, lastTransitionTime: time, reason, message })
  }
  return conditions
}
