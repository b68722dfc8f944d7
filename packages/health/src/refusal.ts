import { describeShortages } from '@slipway/domain'
import { quote } from './finding.ts'
import { shortagesOf } from './quota-message.ts'

/** Why the API server refused a pod, as the rest of "The web process can not start another instance: …". */
export interface Refusal {
  reason: 'QuotaExceeded' | 'PodSecurity' | 'FailedCreate'
  clause: string
  action: string
}

/** What a ReplicaFailure condition's message means. Reference: the admission plugins ResourceQuota and PodSecurity. */
export function refusalOf(message: string): Refusal {
  const said = message.replace(/^pods? "[^"]*" is forbidden: /, '')
  if (message.includes('exceeded quota')) {
    const shortages = shortagesOf(message)
    return {
      reason: 'QuotaExceeded',
      clause: `the quota of its environment is used up: ${shortages.length > 0 ? describeShortages(shortages) : quote(said)}`,
      action: 'Scale something down, choose a smaller size, or ask a team admin for a larger allocation.',
    }
  }
  if (message.includes('violates PodSecurity')) {
    return {
      reason: 'PodSecurity',
      clause: `the Pod Security level of its namespace does not admit it: ${quote(said.replace(/ \((?:pod or )?containers? [^)]*\)/g, ''))}`,
      action: 'Use an image that runs as a user other than root, or have an operator lower the level of the namespace.',
    }
  }
  return {
    reason: 'FailedCreate',
    clause: `the cluster refuses it: ${quote(said)}`,
    action: 'Read what the cluster says and change what it refuses, or ask an operator of the cluster.',
  }
}
