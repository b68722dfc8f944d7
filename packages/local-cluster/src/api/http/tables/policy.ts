import { objectList, optionalObject, stringMap, stringOf } from '../../kinds/json.ts'
import type { Json, JsonObject } from '../../objects.ts'
import { age, ageColumn, column, count, name, nameColumn, type Printer, spec, status } from './columns.ts'

function intOrNone(value: Json): Json {
  return value === undefined ? 'N/A' : String(value)
}

export const disruptionBudgetPrinter: Printer = {
  columns: [
    nameColumn,
    column('Min Available', 'An eviction is allowed if at least "minAvailable" pods will still be available after it.'),
    column('Max Unavailable', 'An eviction is allowed if at most "maxUnavailable" pods are unavailable after it.'),
    column('Allowed Disruptions', 'Number of disruptions that are currently allowed.', { type: 'integer' }),
    ageColumn,
  ],
  cells: (object, nowMs) => [
    name(object),
    intOrNone(spec(object).minAvailable),
    intOrNone(spec(object).maxUnavailable),
    count(status(object), 'disruptionsAllowed'),
    age(object, nowMs),
  ],
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

export const autoscalerPrinter: Printer = {
  columns: [
    nameColumn,
    column('Reference', 'The target resource of the autoscaler.'),
    column('Targets', 'What is measured and what it should be.'),
    column('MinPods', 'The lower limit for the number of pods.', { type: 'integer' }),
    column('MaxPods', 'The upper limit for the number of pods.', { type: 'integer' }),
    column('Replicas', 'The current number of replicas of pods.', { type: 'integer' }),
    ageColumn,
  ],
  cells(object, nowMs) {
    const target = optionalObject(spec(object), 'scaleTargetRef')
    const metrics = objectList(spec(object), 'metrics').map((metric) => {
      const resource = optionalObject(metric, 'resource')
      const wanted = optionalObject(resource, 'target')
      const value =
        wanted?.averageUtilization === undefined
          ? stringOf(wanted, 'averageValue')
          : `${String(wanted.averageUtilization)}%`
      return `${stringOf(resource, 'name')}: <unknown>/${value}`
    })
    return [
      name(object),
      `${stringOf(target, 'kind')}/${stringOf(target, 'name')}`,
      metrics.join(', ') || '<none>',
      count(spec(object), 'minReplicas'),
      count(spec(object), 'maxReplicas'),
      count(status(object), 'currentReplicas'),
      age(object, nowMs),
    ]
  },
}

export const claimPrinter: Printer = {
  columns: [
    nameColumn,
    column('Status', 'phase represents the current phase of PersistentVolumeClaim.'),
    column('Volume', 'volumeName is the binding reference to the PersistentVolume backing this claim.'),
    column('Capacity', 'capacity represents the actual resources of the underlying volume.'),
    column('Access Modes', 'accessModes contains the desired access modes the volume should have.'),
    column('StorageClass', 'storageClassName is the name of the StorageClass required by the claim.'),
    ageColumn,
  ],
  cells: (object, nowMs) => [
    name(object),
    stringOf(status(object), 'phase'),
    stringOf(spec(object), 'volumeName'),
    stringMap(status(object), 'capacity').storage ?? '',
    '',
    stringOf(spec(object), 'storageClassName'),
    age(object, nowMs),
  ],
}

export const leasePrinter: Printer = {
  columns: [
    nameColumn,
    column('Holder', 'holderIdentity contains the identity of the holder of a current lease.'),
    ageColumn,
  ],
  cells: (object, nowMs) => [name(object), stringOf(spec(object), 'holderIdentity'), age(object, nowMs)],
}
