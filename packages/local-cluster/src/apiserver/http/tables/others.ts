import { optionalObject, stringList, stringMap, stringOf } from '../../../types/json.ts'
import type { JsonObject } from '../../../types/objects.ts'
import { age, ageColumn, column, name, nameColumn, type Printer, spec, status } from './columns.ts'

/** Kinds for which Kubernetes has no columns of their own. */
export const createdAtPrinter: Printer = {
  columns: [nameColumn, column('Created At', 'When it was made.')],
  cells: (object) => [name(object), stringOf(optionalObject(object, 'metadata'), 'creationTimestamp')],
}

export const httpRoutePrinter: Printer = {
  columns: [nameColumn, column('Hostnames', 'The hosts it is for.'), ageColumn],
  cells: (object, nowMs) => [name(object), JSON.stringify(stringList(spec(object), 'hostnames')), age(object, nowMs)],
}

function usage(object: JsonObject, keep: (resource: string) => boolean): string {
  const [hard, used] = [stringMap(status(object), 'hard'), stringMap(status(object), 'used')]
  return Object.keys(hard)
    .filter(keep)
    .sort()
    .map((resource) => `${resource}: ${used[resource] ?? '0'}/${hard[resource]}`)
    .join(', ')
}

export const resourceQuotaPrinter: Printer = {
  columns: [
    nameColumn,
    column('Request', 'Request represents a minimum amount of cpu/memory that a container may consume.'),
    column('Limit', 'Limits control the maximum amount of cpu/memory that a container may use.'),
    ageColumn,
  ],
  cells: (object, nowMs) => [
    name(object),
    usage(object, (resource) => !resource.startsWith('limits.')),
    usage(object, (resource) => resource.startsWith('limits.')),
    age(object, nowMs),
  ],
}

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
