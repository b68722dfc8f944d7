import { describeShortages } from '@slipway/domain'
import { type Cure, quote } from './finding.ts'
import { shortagesOf } from './quota-message.ts'

/** Why the API server refused a pod, as the rest of "The web process cannot start another instance: …". */
export interface Refusal {
  reason: 'QuotaExceeded' | 'PodSecurity' | 'FailedCreate'
  clause: string
  /** The same of every app that is refused so. */
  cause: string
  action: string
  cures: readonly Cure[]
}

/** What a ReplicaFailure condition's message means. Reference: the admission plugins ResourceQuota and PodSecurity. */
export function refusalOf(message: string): Refusal {
  const said = message.replace(/^pods? "[^"]*" is forbidden: /, '')
  if (message.includes('exceeded quota')) {
    const shortages = shortagesOf(message)
    return {
      reason: 'QuotaExceeded',
      clause: `the quota of its environment is used up: ${shortages.length > 0 ? describeShortages(shortages) : quote(said)}`,
      cause: 'The quota of the environment is used up.',
      action: 'Scale something down, choose a smaller size, or ask a team admin for a larger allocation.',
      cures: ['scale_down', 'raise_quota'],
    }
  }
  if (message.includes('violates PodSecurity')) {
    return {
      reason: 'PodSecurity',
      clause: `the Pod Security level of its namespace does not allow it: ${quote(said.replace(/ \((?:pod or )?containers? [^)]*\)/g, ''))}`,
      cause: 'The Pod Security level of the namespace does not allow it.',
      action: 'Use an image that runs as a user other than root, or have an operator lower the level of the namespace.',
      cures: ['deploy_image', 'roll_back'],
    }
  }
  return {
    reason: 'FailedCreate',
    clause: `the cluster refuses it: ${quote(said)}`,
    cause: `The cluster refuses it: ${quote(said)}.`,
    action: 'Change what the message names, or ask an operator of the cluster.',
    cures: ['roll_back'],
  }
}
