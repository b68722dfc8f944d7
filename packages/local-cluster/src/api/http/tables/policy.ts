import { numberOf, objectList, optionalObject, stringMap, stringOf } from '../../kinds/json.ts'
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

/** `50%`, or the value where no share is meant. */
function amount(of: JsonObject | null): string {
  return of?.averageUtilization === undefined ? stringOf(of, 'averageValue') : `${String(of.averageUtilization)}%`
}

export const autoscalerPrinter: Printer = {
  columns: [
    nameColumn,
    column('Reference', 'The target resource of the autoscaler.'),
    column('Targets', 'What is measured and what it should be.'),
    column('MinPods', 'The lower limit for the number of pods.'),
    column('MaxPods', 'The upper limit for the number of pods.'),
    column('Replicas', 'The current number of replicas of pods.'),
    ageColumn,
  ],
  cells(object, nowMs) {
    const target = optionalObject(spec(object), 'scaleTargetRef')
    const measured = objectList(status(object), 'currentMetrics')
    const metrics = objectList(spec(object), 'metrics').map((metric, index) => {
      const key = metric.type === 'ContainerResource' ? 'containerResource' : 'resource'
      const resource = optionalObject(metric, key)
      const current = optionalObject(optionalObject(measured[index] ?? null, key), 'current')
      return `${stringOf(resource, 'name')}: ${amount(current) || '<unknown>'}/${amount(optionalObject(resource, 'target'))}`
    })
    return [
      name(object),
      `${stringOf(target, 'kind')}/${stringOf(target, 'name')}`,
      metrics.join(', ') || '<none>',
      String(numberOf(spec(object), 'minReplicas') ?? '<unset>'),
      count(spec(object), 'maxReplicas'),
      count(status(object), 'currentReplicas'),
      age(object, nowMs),
    ]
  },
}

export const leasePrinter: Printer = {
  columns: [
    nameColumn,
    column('Holder', 'holderIdentity contains the identity of the holder of a current lease.'),
    ageColumn,
  ],
  cells: (object, nowMs) => [name(object), stringOf(spec(object), 'holderIdentity'), age(object, nowMs)],
}

export const priorityClassPrinter: Printer = {
  columns: [
    nameColumn,
    column('Value', 'The priority of pods of this class.', { type: 'integer' }),
    column('Global-Default', 'Whether pods without a class are of this one.', { type: 'boolean' }),
    ageColumn,
    column('PreemptionPolicy', 'Whether pods of this class take the place of others.'),
  ],
  cells: (object, nowMs) => [
    name(object),
    count(object, 'value'),
    object.globalDefault === true,
    age(object, nowMs),
    stringOf(object, 'preemptionPolicy'),
  ],
}
