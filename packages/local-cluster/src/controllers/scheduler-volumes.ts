import type { Pod } from '../types/pod.ts'
import { PersistentVolumeClaims, StorageClasses } from '../types/resources.ts'
import type { ControllerContext } from './kind-controller.ts'
import type { PersistentVolumeClaim, StorageClass } from './storage-objects.ts'
import { SELECTED_NODE } from './volume-binding.ts'

/** The claims of a pod, and what keeps it from any node because of them. */
export interface PodClaims {
  refusal: string | null
  /** Claims that get their volume once the pod has a node. */
  toBind: PersistentVolumeClaim[]
}

/** Reference: the VolumeBinding and VolumeRestrictions plugins of kube-scheduler. */
export async function claimsOf({ api }: ControllerContext, pod: Pod): Promise<PodClaims> {
  const namespace = pod.metadata.namespace ?? ''
  const toBind: PersistentVolumeClaim[] = []
  for (const { persistentVolumeClaim } of pod.spec.volumes ?? []) {
    if (persistentVolumeClaim === undefined) continue
    const name = persistentVolumeClaim.claimName
    const claim = await api.get<PersistentVolumeClaim>(PersistentVolumeClaims, { namespace, name })
    if (claim === null) return { refusal: `persistentvolumeclaim "${name}" not found`, toBind: [] }
    if (claim.metadata.deletionTimestamp !== undefined) {
      return { refusal: `persistentvolumeclaim "${name}" is being deleted`, toBind: [] }
    }
    if (claim.status?.phase === 'Lost') {
      const refusal = `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${claim.spec.volumeName ?? ''}"`
      return { refusal, toBind: [] }
    }
    if (claim.status?.phase === 'Bound') continue
    const className = claim.spec.storageClassName ?? ''
    const found = className === '' ? null : await api.get<StorageClass>(StorageClasses, { name: className })
    if (found?.volumeBindingMode !== 'WaitForFirstConsumer') {
      return { refusal: 'pod has unbound immediate PersistentVolumeClaims', toBind: [] }
    }
    toBind.push(claim)
  }
  return { refusal: null, toBind }
}

/** Says on which node the claims' volumes are to be made; the pod is bound when they are. */
export async function selectNode({ api }: ControllerContext, claims: readonly PersistentVolumeClaim[], node: string) {
  for (const { metadata } of claims) {
    if (metadata.annotations?.[SELECTED_NODE] === node) continue
    const body = { metadata: { annotations: { [SELECTED_NODE]: node } } }
    const key = { namespace: metadata.namespace ?? '', name: metadata.name }
    await api.patch(PersistentVolumeClaims, key, { type: 'merge', body })
  }
}
