import type { Pod } from '../types/pod.ts'
import { availableIn, isFinished, isReady, isTerminating } from '../types/pod-conditions.ts'
import type { ControllerContext } from './kind-controller.ts'
import { podFrom } from './pod-control.ts'
import type { StatefulSet } from './workload-objects.ts'

/** Label of the revision a pod was made from: its name. */
const REVISION_LABEL = 'controller-revision-hash'
const POD_NAME_LABEL = 'statefulset.kubernetes.io/pod-name'
const INDEX_LABEL = 'apps.kubernetes.io/pod-index'

/** The number in a pod's name, null when the pod is not one of the set's. */
export function ordinalOf(set: StatefulSet, podName: string): number | null {
  const match = /^(.*)-(\d+)$/.exec(podName)
  return match?.[1] === set.metadata.name && String(Number(match[2])) === match[2] ? Number(match[2]) : null
}

export const firstOrdinal = (set: StatefulSet) => set.spec.ordinals?.start ?? 0
export const replicasOf = (set: StatefulSet) => set.spec.replicas ?? 1
export const podNameOf = (set: StatefulSet, ordinal: number) => `${set.metadata.name}-${ordinal}`
export const revisionOf = (pod: Pod) => pod.metadata.labels?.[REVISION_LABEL] ?? ''

export function isWanted(set: StatefulSet, pod: Pod): boolean {
  const ordinal = ordinalOf(set, pod.metadata.name) ?? -1
  return ordinal >= firstOrdinal(set) && ordinal < firstOrdinal(set) + replicasOf(set)
}

export const isRunningAndReady = (pod: Pod) => pod.status?.phase === 'Running' && isReady(pod)

/** Milliseconds until the pod counts as available; 0 when it does, null when it is not even ready. */
export function availabilityIn({ now }: ControllerContext, set: StatefulSet, pod: Pod): number | null {
  return isRunningAndReady(pod) ? availableIn(pod, set.spec.minReadySeconds ?? 0, now()) : null
}

/** Not there, not available, or on its way out. */
export function isUnavailable(context: ControllerContext, set: StatefulSet, pod: Pod | null): boolean {
  return pod === null || isTerminating(pod) || isFinished(pod) || availabilityIn(context, set, pod) !== 0
}

export const claimNameOf = (template: string, podName: string) => `${template}-${podName}`

/** Names of the claim templates. */
export const claimTemplates = (set: StatefulSet) => set.spec.volumeClaimTemplates ?? []

/** The pod with this number, with the names, labels and volumes that stay its own. Reference: newStatefulSetPod. */
export function podOf(set: StatefulSet, ordinal: number, revision: string) {
  const { template, serviceName = '' } = set.spec
  const name = podNameOf(set, ordinal)
  const claims = claimTemplates(set).map(({ metadata }) => ({
    name: metadata.name,
    persistentVolumeClaim: { claimName: claimNameOf(metadata.name, name) },
  }))
  const own = new Set(claims.map((claim) => claim.name))
  const others = (template.spec.volumes ?? []).filter((volume) => !own.has(volume.name))
  const volumes = [...claims, ...others]
  const spec = {
    ...template.spec,
    ...(volumes.length === 0 ? {} : { volumes }),
    hostname: name,
    ...(serviceName === '' ? {} : { subdomain: serviceName }),
  }
  const labels = { [REVISION_LABEL]: revision, [POD_NAME_LABEL]: name, [INDEX_LABEL]: String(ordinal) }
  return podFrom(set, template, { name, labels, spec })
}
