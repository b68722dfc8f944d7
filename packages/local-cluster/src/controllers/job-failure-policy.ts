import type { Pod } from '../types/pod.ts'
import type { FailureRule, Job } from './job-objects.ts'

/** What the Job's podFailurePolicy makes of a failed pod. */
export interface PolicyVerdict {
  action: FailureRule['action']
  /** For `FailJob`: which rule took it, in Kubernetes' words. */
  message: string
}

/** The first rule that takes the pod; without one a failure counts. Reference: matchPodFailurePolicy of pkg/controller/job. */
export function judgeFailure(job: Job, pod: Pod): PolicyVerdict {
  for (const [index, rule] of (job.spec.podFailurePolicy?.rules ?? []).entries()) {
    const message = matchExitCodes(rule, pod) ?? matchConditions(rule, pod)
    if (message !== null)
      return { action: rule.action, message: `${message} matching ${rule.action} rule at index ${index}` }
  }
  return { action: 'Count', message: '' }
}

function matchExitCodes({ onExitCodes }: FailureRule, pod: Pod): string | null {
  if (onExitCodes === undefined) return null
  const { containerName, operator, values } = onExitCodes
  const statuses = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])]
  for (const { name, state } of statuses) {
    const exitCode = state.terminated?.exitCode ?? 0
    if (exitCode === 0 || (containerName !== undefined && containerName !== name)) continue
    if (values.includes(exitCode) === (operator === 'In')) {
      return `Container ${name} for pod ${pod.metadata.namespace ?? ''}/${pod.metadata.name} failed with exit code ${exitCode}`
    }
  }
  return null
}

function matchConditions({ onPodConditions = [] }: FailureRule, pod: Pod): string | null {
  for (const { type, status = 'True' } of onPodConditions) {
    if (pod.status?.conditions?.some((each) => each.type === type && each.status === status)) {
      return `Pod ${pod.metadata.namespace ?? ''}/${pod.metadata.name} has condition ${type}`
    }
  }
  return null
}
