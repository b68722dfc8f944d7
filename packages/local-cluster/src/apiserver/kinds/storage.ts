import { childObject, optionalObject, setDefault, startStatus } from '../../types/json.ts'
import { PersistentVolumeClaims, PersistentVolumes, StorageClasses } from '../../types/resources.ts'
import type { KindRules } from '../core/strategy.ts'
import {
  validateClaim,
  validateClaimUpdate,
  validateStorageClass,
  validateStorageClassUpdate,
  validateVolume,
  validateVolumeUpdate,
} from './validate-storage.ts'

export const persistentVolumeClaims: KindRules = {
  type: PersistentVolumeClaims,
  shortNames: ['pvc'],
  hasStatus: true,
  returnsDeleted: true,
  zero: { spec: { resources: {} }, status: {} },
  defaults: (object) => setDefault(childObject(object, 'spec'), 'volumeMode', 'Filesystem'),
  prepareForCreate: (object) => startStatus(object, { phase: 'Pending' }),
  validate: validateClaim,
  validateUpdate: validateClaimUpdate,
}

export const persistentVolumes: KindRules = {
  type: PersistentVolumes,
  shortNames: ['pv'],
  hasStatus: true,
  returnsDeleted: true,
  zero: { spec: {}, status: {} },
  defaults(object) {
    const spec = childObject(object, 'spec')
    setDefault(spec, 'persistentVolumeReclaimPolicy', 'Retain')
    setDefault(spec, 'volumeMode', 'Filesystem')
    const hostPath = optionalObject(spec, 'hostPath')
    if (hostPath !== null) setDefault(hostPath, 'type', '')
  },
  prepareForCreate: (object, context) =>
    startStatus(object, { phase: 'Pending', lastPhaseTransitionTime: context.now() }),
  validate: validateVolume,
  validateUpdate: validateVolumeUpdate,
}

export const storageClasses: KindRules = {
  type: StorageClasses,
  shortNames: ['sc'],
  returnsDeleted: true,
  defaults(object) {
    setDefault(object, 'reclaimPolicy', 'Delete')
    setDefault(object, 'volumeBindingMode', 'Immediate')
  },
  validate: validateStorageClass,
  validateUpdate: validateStorageClassUpdate,
}
