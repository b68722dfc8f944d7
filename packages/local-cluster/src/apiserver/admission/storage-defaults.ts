import type { ObjectStore } from '../../store/store.ts'
import { forbidden } from '../../types/errors.ts'
import { childObject, optionalObject, stringList, stringOf } from '../../types/json.ts'
import type { JsonObject } from '../../types/objects.ts'
import { compareQuantities, quantityOf } from '../../types/quantity.ts'
import { PersistentVolumeClaims, StorageClasses } from '../../types/resources.ts'
import { CLAIM_PROTECTION, defaultStorageClass, VOLUME_PROTECTION } from '../../types/storage.ts'
import type { AdmissionPlugin } from './admission.ts'

/** DefaultStorageClass, StorageObjectInUseProtection and PersistentVolumeClaimResize of the real server. */
export function storageDefaults(store: ObjectStore): AdmissionPlugin {
  return {
    name: 'StorageDefaults',
    mutate({ operation, type, object }) {
      if (operation !== 'CREATE') return
      if (type.kind === 'PersistentVolume') protect(object, VOLUME_PROTECTION)
      if (type.kind !== 'PersistentVolumeClaim') return
      protect(object, CLAIM_PROTECTION)
      const spec = childObject(object, 'spec')
      const found = defaultStorageClass(store.list(StorageClasses))
      if (spec.storageClassName === undefined && found !== undefined) spec.storageClassName = found.metadata.name
    },
    validate({ operation, type, object, old, subresource, name }) {
      if (operation !== 'UPDATE' || type.kind !== 'PersistentVolumeClaim' || subresource === 'status') return
      const sizeOf = (claim: JsonObject | undefined) =>
        quantityOf(
          optionalObject(optionalObject(optionalObject(claim ?? null, 'spec'), 'resources'), 'requests')?.storage,
        )
      if (compareQuantities(sizeOf(object), sizeOf(old)) <= 0) return
      const className = stringOf(optionalObject(object, 'spec'), 'storageClassName')
      const found = store.get(StorageClasses, undefined, className) as unknown as JsonObject | undefined
      if (found?.allowVolumeExpansion === true) return
      const why =
        'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize'
      throw forbidden(PersistentVolumeClaims, name, why)
    },
  }
}

function protect(object: JsonObject, finalizer: string): void {
  const metadata = childObject(object, 'metadata')
  const present = stringList(metadata, 'finalizers')
  if (!present.includes(finalizer)) metadata.finalizers = [...present, finalizer]
}
