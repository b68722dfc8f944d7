import type { LocalApi } from '../types/client.ts'
import { StorageClasses } from '../types/resources.ts'
import { PROVISIONER } from './volume-provisioner.ts'

const NAME = 'standard'

/** Makes the class of claims that name none, where it is not there. What somebody has changed about it stays. */
export async function provideStorageClass(api: LocalApi): Promise<void> {
  if ((await api.get(StorageClasses, { name: NAME })) !== null) return
  await api.create({
    apiVersion: StorageClasses.apiVersion,
    kind: StorageClasses.kind,
    metadata: { name: NAME, annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
    ...{
      provisioner: PROVISIONER,
      reclaimPolicy: 'Delete',
      volumeBindingMode: 'WaitForFirstConsumer',
      allowVolumeExpansion: true,
    },
  })
}
