import type { KubernetesObjectInput } from '../types/objects.ts'
import { compareQuantities, quantityOf } from '../types/quantity.ts'
import { PersistentVolumeClaims, PersistentVolumes } from '../types/resources.ts'
import { same } from '../types/same.ts'
import { selects } from '../types/selectors.ts'
import { timestamp } from '../types/times.ts'
import type { ControllerContext } from './kind-controller.ts'
import type { PersistentVolume, PersistentVolumeClaim, VolumePhase } from './storage-objects.ts'

export const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed'
/** The scheduler writes here where a claim that waits for its first pod is to be. */
export const SELECTED_NODE = 'volume.kubernetes.io/selected-node'
const BOUND_BY_CONTROLLER = 'pv.kubernetes.io/bound-by-controller'

/** True for a volume that is this claim's, or kept for it by name. */
export function isClaimedBy(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const { namespace, name, uid } = volume.spec.claimRef ?? {}
  const sameName = namespace === claim.metadata.namespace && name === claim.metadata.name
  return sameName && (uid === undefined || uid === '' || uid === claim.metadata.uid)
}

/** The volume to give to a claim: one kept for it, else the smallest that is free and large enough. */
export function findVolume(
  claim: PersistentVolumeClaim,
  volumes: readonly PersistentVolume[],
): PersistentVolume | undefined {
  const sizeOf = (volume: PersistentVolume) => quantityOf(volume.spec.capacity?.storage)
  const wanted = quantityOf(claim.spec.resources?.requests?.storage)
  const fitting = volumes.filter((volume) => {
    const { spec, metadata } = volume
    if (metadata.deletionTimestamp !== undefined) return false
    if (spec.claimRef !== undefined ? !isClaimedBy(volume, claim) : volume.status?.phase === 'Failed') return false
    return (
      (spec.storageClassName ?? '') === (claim.spec.storageClassName ?? '') &&
      spec.volumeMode === claim.spec.volumeMode &&
      (claim.spec.accessModes ?? []).every((mode) => spec.accessModes?.includes(mode)) &&
      (claim.spec.selector === undefined || selects(claim.spec.selector, metadata.labels)) &&
      compareQuantities(sizeOf(volume), wanted) >= 0
    )
  })
  const kept = fitting.find(({ spec }) => spec.claimRef !== undefined)
  return kept ?? fitting.sort((a, b) => compareQuantities(sizeOf(a), sizeOf(b)))[0]
}

/** Binds both sides, each step only where it is missing: a start in the middle goes on from there. */
export async function bindClaim(
  context: ControllerContext,
  claim: PersistentVolumeClaim,
  found: PersistentVolume,
): Promise<void> {
  const volume = await growVolume(context, claim, await claimVolume(context, claim, found))
  await writeVolumePhase(context, volume, 'Bound')
  await pointToVolume(context, claim, volume)
}

async function claimVolume({ api }: ControllerContext, claim: PersistentVolumeClaim, volume: PersistentVolume) {
  const { namespace = '', name, uid = '', resourceVersion = '' } = claim.metadata
  if (volume.spec.claimRef?.uid === uid) return volume
  const byUs = volume.spec.claimRef === undefined ? { [BOUND_BY_CONTROLLER]: 'yes' } : {}
  const claimRef = { kind: 'PersistentVolumeClaim', apiVersion: 'v1', namespace, name, uid, resourceVersion }
  const body = { metadata: { resourceVersion: volume.metadata.resourceVersion, annotations: byUs }, spec: { claimRef } }
  return api.patch<PersistentVolume>(PersistentVolumes, { name: volume.metadata.name }, { type: 'merge', body })
}

/** A claim that asks for more than it has: a directory has no size of its own, so it has it at once. */
async function growVolume({ api }: ControllerContext, claim: PersistentVolumeClaim, volume: PersistentVolume) {
  const storage = claim.spec.resources?.requests?.storage
  const bound = claim.status?.phase === 'Bound'
  if (!bound || compareQuantities(quantityOf(volume.spec.capacity?.storage), quantityOf(storage)) >= 0) return volume
  const body = { spec: { capacity: { storage } } }
  return api.patch<PersistentVolume>(PersistentVolumes, { name: volume.metadata.name }, { type: 'merge', body })
}

async function pointToVolume({ api }: ControllerContext, claim: PersistentVolumeClaim, volume: PersistentVolume) {
  const { namespace = '', name, annotations = {} } = claim.metadata
  let current = claim
  if (claim.spec.volumeName === undefined || annotations[BIND_COMPLETED] === undefined) {
    const byUs = claim.spec.volumeName === undefined ? { [BOUND_BY_CONTROLLER]: 'yes' } : {}
    const body = {
      metadata: { annotations: { [BIND_COMPLETED]: 'yes', ...byUs } },
      spec: { volumeName: volume.metadata.name },
    }
    const key = { namespace, name }
    current = await api.patch<PersistentVolumeClaim>(PersistentVolumeClaims, key, { type: 'merge', body })
  }
  const { accessModes = [], capacity = {} } = volume.spec
  const status: PersistentVolumeClaim['status'] = { phase: 'Bound', accessModes, capacity }
  if (same(status, current.status)) return
  await api.updateStatus<PersistentVolumeClaim>({ ...structuredClone(current), status } as KubernetesObjectInput)
}

/** Says how a volume is, where it is not said yet. */
export async function writeVolumePhase(
  { api, now }: ControllerContext,
  volume: PersistentVolume,
  phase: VolumePhase,
  message?: string,
): Promise<PersistentVolume> {
  if (volume.status?.phase === phase && volume.status.message === message) return volume
  const status = {
    phase,
    ...(message === undefined ? {} : { message }),
    lastPhaseTransitionTime: volume.status?.phase === phase ? volume.status.lastPhaseTransitionTime : timestamp(now()),
  }
  return api.updateStatus<PersistentVolume>({ ...structuredClone(volume), status } as KubernetesObjectInput)
}
