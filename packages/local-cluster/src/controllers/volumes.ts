import { PersistentVolumeClaims, PersistentVolumes } from '../types/resources.ts'
import { VOLUME_PROTECTION } from '../types/storage.ts'
import { type ControllerContext, keyOf, parseKey, runController } from './kind-controller.ts'
import type { PersistentVolume, PersistentVolumeClaim } from './storage-objects.ts'
import { writeVolumePhase } from './volume-binding.ts'
import { isProvisionedHere, removeDirectory } from './volume-provisioner.ts'

/**
 * PersistentVolumes: free, bound, or released with their claim and then kept or removed, as their policy says.
 * Reference: pkg/controller/volume/persistentvolume and pvprotection.
 */
export function runVolumes(context: ControllerContext) {
  return runController(context, {
    name: 'volumes',
    reconcile: (key) => reconcile(context, key),
    watches: [
      { type: PersistentVolumes, keys: (object) => [keyOf(object)] },
      {
        type: PersistentVolumeClaims,
        keys: (object) => {
          const { volumeName } = (object as PersistentVolumeClaim).spec
          return volumeName === undefined ? [] : [`/${volumeName}`]
        },
      },
    ],
  })
}

async function reconcile(context: ControllerContext, key: string): Promise<void> {
  const { api } = context
  const { name } = parseKey(key)
  const volume = await api.get<PersistentVolume>(PersistentVolumes, { name })
  if (volume === null) return
  const { claimRef } = volume.spec
  const claim =
    claimRef === undefined
      ? null
      : await api.get<PersistentVolumeClaim>(PersistentVolumeClaims, {
          namespace: claimRef.namespace ?? '',
          name: claimRef.name ?? '',
        })
  const inUse = claim !== null && claim.metadata.uid === claimRef?.uid
  if (volume.metadata.deletionTimestamp !== undefined) {
    if (!inUse) await letGo(context, volume)
    return
  }
  // A volume kept for a claim by name is free until that claim has it.
  if (claimRef === undefined || (claimRef.uid ?? '') === '') await writeVolumePhase(context, volume, 'Available')
  else if (!inUse) await reclaim(context, volume)
}

async function letGo({ api }: ControllerContext, volume: PersistentVolume): Promise<void> {
  const { name, finalizers = [] } = volume.metadata
  if (!finalizers.includes(VOLUME_PROTECTION)) return
  const body = { metadata: { finalizers: finalizers.filter((each) => each !== VOLUME_PROTECTION) } }
  await api.patch(PersistentVolumes, { name }, { type: 'merge', body })
}

/** The claim is gone: the volume stays for a person to look at, or goes with what is in it. */
async function reclaim(context: ControllerContext, volume: PersistentVolume): Promise<void> {
  const failed = volume.status?.phase === 'Failed'
  const released = failed ? volume : await writeVolumePhase(context, volume, 'Released')
  const { volumesDir } = context
  const removes = volume.spec.persistentVolumeReclaimPolicy === 'Delete' && isProvisionedHere(volume)
  if (!removes || volumesDir === undefined) return
  try {
    await removeDirectory(volumesDir, volume)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    await writeVolumePhase(context, released, 'Failed', message)
    const event = { type: 'Warning' as const, reason: 'VolumeFailedDelete', message }
    await context.api.recordEvent({ about: volume, ...event, component: 'persistentvolume-controller' })
    throw error
  }
  await context.api.delete(PersistentVolumes, { name: volume.metadata.name })
}
