import type { Pod, PodStatus } from '../../types/pod.ts'
import { isFinished } from '../../types/pod-conditions.ts'
import { NODE_IP } from '../../types/pod-ports.ts'
import { timestamp } from '../../types/times.ts'
import { conditions, wantedConditions } from './conditions.ts'
import { containerStatus } from './container-status.ts'
import { podPhase } from './phase.ts'
import { podResources } from './resources.ts'
import { initContainers, type PodRecord } from './state.ts'

/**
 * The pod's status as the kubelet would write it. Pure.
 * Reference: k8s.io/kubernetes/pkg/kubelet/kubelet_pods.go (generateAPIPodStatus) and status/generate.go.
 */
export function podStatus(pod: Pod, record: PodRecord, nowMs: number): PodStatus {
  const generation = pod.metadata.generation ?? 1
  const init = initContainers(pod).map((container) => containerStatus(pod, record, container))
  const main = pod.spec.containers.map((container) => containerStatus(pod, record, container))
  const phase = podPhase(pod, record)
  const states = { pod, record, phase, init, main }
  const time = timestamp(nowMs)
  const begun = [...record.containers.values()].some((each) => each.runs.length > 0 || each.waiting !== null)
  const { qosClass } = pod.status ?? {}
  return {
    observedGeneration: generation,
    phase: shownPhase(pod, record, phase),
    conditions: conditions(pod, wantedConditions(states), generation, time),
    // Its reason comes with the phase, when nothing of the pod is left.
    ...endReason(pod, record),
    hostIP: NODE_IP,
    hostIPs: [{ ip: NODE_IP }],
    ...(begun || pod.status?.podIP !== undefined ? { podIP: record.ip, podIPs: [{ ip: record.ip }] } : {}),
    startTime: timestamp(record.startedAtMs),
    ...(init.length === 0 ? {} : { initContainerStatuses: init }),
    containerStatuses: main,
    ...(qosClass === undefined ? {} : { qosClass }),
    ...podResources(pod),
  }
}

function endReason(pod: Pod, record: PodRecord): { reason?: string; message?: string } {
  if (record.failure !== null) return record.ended ? record.failure : {}
  const { reason, message } = (isFinished(pod) && pod.status) || {}
  return { ...(reason === undefined ? {} : { reason }), ...(message === undefined ? {} : { message }) }
}

/**
 * A pod is shown as finished only when nothing of it is left; until then its phase stays what it was, while its conditions
 * say already how it ended. Reference: mergePodStatus of pkg/kubelet/status/status_manager.go.
 */
function shownPhase(pod: Pod, record: PodRecord, phase: PodStatus['phase']): PodStatus['phase'] {
  const finished = phase === 'Succeeded' || phase === 'Failed'
  return finished && !record.ended ? (pod.status?.phase ?? 'Pending') : phase
}
