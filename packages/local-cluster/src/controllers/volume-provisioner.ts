import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isAlreadyExists } from '../types/errors.ts'
import type { KubernetesObjectInput } from '../types/objects.ts'
import { PersistentVolumes } from '../types/resources.ts'
import type { ControllerContext } from './kind-controller.ts'
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from './storage-objects.ts'
import { SELECTED_NODE } from './volume-binding.ts'

/** Makes volumes of directories below the state folder. */
export const PROVISIONER = 'slipway.dev/local-directory'
const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by'

/** Only what this provisioner made is removed with its volume. */
export const isProvisionedHere = (volume: PersistentVolume) =>
  volume.metadata.annotations?.[PROVISIONED_BY] === PROVISIONER

/** The directory of a volume. Names of volumes are names of the API: no path can be made of them. */
const directoryOf = (volumesDir: string, name: string) => join(volumesDir, name)

/** Makes a volume for a claim: its directory first, then the object, so that what is bound is there. */
export async function provision(
  context: ControllerContext,
  claim: PersistentVolumeClaim,
  storageClass: StorageClass,
  volumesDir: string,
): Promise<PersistentVolume> {
  const { namespace = '', name: claimName, uid = '', resourceVersion = '', annotations } = claim.metadata
  const record = (reason: string, message: string) =>
    context.api.recordEvent({ about: claim, type: 'Normal', reason, message, component: PROVISIONER })
  const name = `pvc-${uid}`
  const existing = await context.api.get<PersistentVolume>(PersistentVolumes, { name })
  if (existing !== null) return existing
  await record('Provisioning', `External provisioner is provisioning volume for claim "${namespace}/${claimName}"`)
  const path = directoryOf(volumesDir, name)
  await mkdir(path, { recursive: true, mode: 0o700 })
  const node = annotations?.[SELECTED_NODE]
  const onNode = { key: 'kubernetes.io/hostname', operator: 'In', values: [node ?? ''] }
  const object: KubernetesObjectInput = {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name, annotations: { [PROVISIONED_BY]: PROVISIONER } },
    ...{
      spec: {
        capacity: { storage: claim.spec.resources?.requests?.storage },
        accessModes: claim.spec.accessModes,
        volumeMode: claim.spec.volumeMode,
        persistentVolumeReclaimPolicy: storageClass.reclaimPolicy,
        storageClassName: storageClass.metadata.name,
        hostPath: { path, type: 'DirectoryOrCreate' },
        claimRef: {
          kind: 'PersistentVolumeClaim',
          apiVersion: 'v1',
          namespace,
          name: claimName,
          uid,
          resourceVersion,
        },
        ...(node === undefined
          ? {}
          : { nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [onNode] }] } } }),
      },
    },
  }
  const made = await createOrGet(context, object, name)
  await record('ProvisioningSucceeded', `Successfully provisioned volume ${name}`)
  return made
}

async function createOrGet({ api }: ControllerContext, object: KubernetesObjectInput, name: string) {
  try {
    return await api.create<PersistentVolume>(object)
  } catch (error) {
    const found = isAlreadyExists(error) ? await api.get<PersistentVolume>(PersistentVolumes, { name }) : null
    if (found === null) throw error
    return found
  }
}

/** Removes the directory of a volume with everything in it; absent is fine. */
export async function removeDirectory(volumesDir: string, volume: PersistentVolume): Promise<void> {
  await rm(directoryOf(volumesDir, volume.metadata.name), { recursive: true, force: true })
}
