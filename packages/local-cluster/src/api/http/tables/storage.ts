import { optionalObject, stringList, stringMap, stringOf } from '../../kinds/json.ts'
import type { JsonObject } from '../../objects.ts'
import { age, ageColumn, column, name, nameColumn, type Printer, spec, status } from './columns.ts'

const shortModes: Record<string, string> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
}

const modes = (object: JsonObject | null) =>
  stringList(object, 'accessModes')
    .map((mode) => shortModes[mode] ?? mode)
    .join(',')

function phase(object: JsonObject): string {
  const deleted = stringOf(optionalObject(object, 'metadata'), 'deletionTimestamp') !== ''
  return deleted ? 'Terminating' : stringOf(status(object), 'phase')
}

const volumeMode = column('VolumeMode', 'Filesystem or Block.', { priority: 1 })

export const claimPrinter: Printer = {
  columns: [
    nameColumn,
    column('Status', 'phase represents the current phase of PersistentVolumeClaim.'),
    column('Volume', 'volumeName is the binding reference to the PersistentVolume backing this claim.'),
    column('Capacity', 'capacity represents the actual resources of the underlying volume.'),
    column('Access Modes', 'accessModes contains the desired access modes the volume should have.'),
    column('StorageClass', 'storageClassName is the name of the StorageClass required by the claim.'),
    column('VolumeAttributesClass', 'Not used here.'),
    ageColumn,
    volumeMode,
  ],
  cells: (object, nowMs) => [
    name(object),
    phase(object),
    stringOf(spec(object), 'volumeName'),
    stringMap(status(object), 'capacity').storage ?? '',
    modes(status(object)),
    stringOf(spec(object), 'storageClassName'),
    '<unset>',
    age(object, nowMs),
    stringOf(spec(object), 'volumeMode'),
  ],
}

export const volumePrinter: Printer = {
  columns: [
    nameColumn,
    column('Capacity', 'capacity is the size of the volume.'),
    column('Access Modes', 'accessModes contains all ways the volume can be mounted.'),
    column('Reclaim Policy', 'What happens to the volume when it is released from its claim.'),
    column('Status', 'phase indicates if a volume is available, bound to a claim, or released by a claim.'),
    column('Claim', 'The claim that the volume is bound to.'),
    column('StorageClass', 'Name of the StorageClass to which this volume belongs.'),
    column('VolumeAttributesClass', 'Not used here.'),
    column('Reason', 'Why the volume is in its state.'),
    ageColumn,
    volumeMode,
  ],
  cells(object, nowMs) {
    const claim = optionalObject(spec(object), 'claimRef')
    return [
      name(object),
      stringMap(spec(object), 'capacity').storage ?? '',
      modes(spec(object)),
      stringOf(spec(object), 'persistentVolumeReclaimPolicy'),
      phase(object),
      claim === null ? '' : `${stringOf(claim, 'namespace')}/${stringOf(claim, 'name')}`,
      stringOf(spec(object), 'storageClassName'),
      '<unset>',
      stringOf(status(object), 'reason'),
      age(object, nowMs),
      stringOf(spec(object), 'volumeMode'),
    ]
  },
}

const DEFAULT_CLASS = 'storageclass.kubernetes.io/is-default-class'

export const storageClassPrinter: Printer = {
  columns: [
    nameColumn,
    column('Provisioner', 'provisioner indicates the type of the provisioner.'),
    column('ReclaimPolicy', 'What happens to volumes of this class when they are released.'),
    column('VolumeBindingMode', 'When volumes of this class are made and bound.'),
    column('AllowVolumeExpansion', 'Whether volumes of this class can grow.'),
    ageColumn,
  ],
  cells(object, nowMs) {
    const isDefault = stringMap(optionalObject(object, 'metadata'), 'annotations')[DEFAULT_CLASS] === 'true'
    return [
      isDefault ? `${name(object)} (default)` : name(object),
      stringOf(object, 'provisioner'),
      stringOf(object, 'reclaimPolicy'),
      stringOf(object, 'volumeBindingMode'),
      String(object.allowVolumeExpansion === true),
      age(object, nowMs),
    ]
  },
}
