import type { InstanceView } from '@slipway/domain'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { instanceState } from './instance-state.ts'
import { processOf, releaseOf } from './labels.ts'
import type { AppObjects } from './objects.ts'
import { podFinding } from './pod.ts'
import { isReady, podState } from './pod-state.ts'

/** Pods that are over are shown, newest first, up to this number: they tell of evictions but may be many. */
const FINISHED_MAX = 20

const isFinished = (pod: Pod) => pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'

function startedAt(pod: Pod): string | null {
  return pod.status?.containerStatuses?.[0]?.state?.running?.startedAt ?? pod.status?.startTime ?? null
}

function view(pod: Pod, objects: AppObjects): InstanceView {
  const ready = isReady(pod)
  const finding = podFinding(pod, objects)
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])]
  return {
    name: pod.metadata?.name ?? '',
    process: processOf(pod) ?? '',
    state: instanceState(pod, finding),
    reason: podState(pod),
    ready,
    restarts: statuses.reduce((sum, { restartCount }) => sum + restartCount, 0),
    startedAt: startedAt(pod),
    release: releaseOf(pod) ?? 0,
    message: ready && finding.status === 'Healthy' ? null : finding.message,
  }
}

/** The app's pods as people see them: newest release first, then by process and name. */
export function instancesOf(objects: AppObjects): InstanceView[] {
  const created = (pod: Pod) => pod.metadata?.creationTimestamp ?? ''
  const finished = objects.pods.filter(isFinished).sort((a, b) => created(b).localeCompare(created(a)))
  return [...objects.pods.filter((pod) => !isFinished(pod)), ...finished.slice(0, FINISHED_MAX)]
    .map((pod) => view(pod, objects))
    .sort((a, b) => b.release - a.release || a.process.localeCompare(b.process) || a.name.localeCompare(b.name))
}
