import { type RunState, stateOf } from '@slipway/domain'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import type { Finding } from './finding.ts'
import { isReady } from './pod-state.ts'

/** What an instance is doing. Once ready, it is not said to start any more. */
export function instanceState(pod: Pod, finding: Finding): RunState {
  const phase = pod.status?.phase
  if (pod.metadata?.deletionTimestamp && !pod.status?.reason) return 'stopping'
  if (phase === 'Succeeded') return 'finished'
  if (isReady(pod) && finding.status !== 'Degraded') return 'running'
  // Without a node yet: it waits, whether or not a reason is known.
  if (finding.reason === 'Pending') return stateOf(finding)
  return finding.state
}
