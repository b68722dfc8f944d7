import { objectList, optionalObject, stringList, stringMap, stringOf } from '../../types/json.ts'
import type { JsonObject } from '../../types/objects.ts'
import { podUsage, qosClass } from '../../types/pod-resources.ts'
import { allResourceTypes, groupOf, groupResourceName, Pods, type ResourceType } from '../../types/resources.ts'

/** Kinds that have had a name of their own in quotas since before `count/`. */
export const shortCounts = new Set([
  'configmaps',
  'persistentvolumeclaims',
  'pods',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'services',
])

/** What one object takes out of a quota, by resource name. */
export function usageOf(type: ResourceType, object: JsonObject): Record<string, string> {
  const counts: Record<string, string> = { [`count/${groupResourceName(type)}`]: '1' }
  if (groupOf(type) === '' && shortCounts.has(type.plural)) counts[type.plural] = '1'
  if (type.kind === 'Service') Object.assign(counts, serviceUsage(object))
  if (type.kind === 'PersistentVolumeClaim') {
    const storage = stringMap(optionalObject(optionalObject(object, 'spec'), 'resources'), 'requests').storage
    if (storage !== undefined) counts['requests.storage'] = storage
  }
  if (type.kind !== 'Pod') return counts
  // A pod that has ended keeps its place in count/pods only.
  if (isFinished(object)) return { 'count/pods': '1' }
  return { ...counts, ...podUsage(object) }
}

function isFinished(pod: JsonObject): boolean {
  const phase = stringOf(optionalObject(pod, 'status'), 'phase')
  return phase === 'Succeeded' || phase === 'Failed'
}

function serviceUsage(service: JsonObject): Record<string, string> {
  const spec = optionalObject(service, 'spec')
  const type = stringOf(spec, 'type')
  const ports = objectList(spec, 'ports').length
  if (type === 'NodePort') return { 'services.nodeports': String(ports) }
  return type === 'LoadBalancer' ? { 'services.loadbalancers': '1', 'services.nodeports': String(ports) } : {}
}

/** Whether a quota counts this object: its scopes select pods. */
export function quotaCounts(quota: JsonObject, type: ResourceType, object: JsonObject): boolean {
  const spec = optionalObject(quota, 'spec')
  const scopes = stringList(spec, 'scopes')
  const selected = objectList(optionalObject(spec, 'scopeSelector'), 'matchExpressions')
  if (scopes.length === 0 && selected.length === 0) return true
  if (type.kind !== 'Pod') return false
  const inScope = (scope: string) => {
    const podSpec = optionalObject(object, 'spec') ?? {}
    const terminating = podSpec.activeDeadlineSeconds !== undefined
    const bestEffort = qosClass(podSpec) === 'BestEffort'
    if (scope === 'Terminating') return terminating
    if (scope === 'NotTerminating') return !terminating
    if (scope === 'BestEffort') return bestEffort
    return scope === 'NotBestEffort' ? !bestEffort : true
  }
  const priority = stringOf(optionalObject(object, 'spec'), 'priorityClassName')
  return (
    scopes.every(inScope) &&
    selected.every((expression) => {
      const scope = stringOf(expression, 'scopeName')
      if (scope !== 'PriorityClass') return inScope(scope)
      const values = stringList(expression, 'values')
      if (expression.operator === 'In') return values.includes(priority)
      if (expression.operator === 'NotIn') return !values.includes(priority)
      return expression.operator === 'Exists' ? priority !== '' : priority === ''
    })
  )
}

/** Only the kinds that a quota's resources are about. */
export function countedTypes(hard: string[]): ResourceType[] {
  return allResourceTypes.filter((type) => {
    if (!type.namespaced) return false
    const plural = type.plural
    return hard.some((name) => {
      if (name === `count/${groupResourceName(type)}` || (groupOf(type) === '' && name === plural)) return true
      if (type.kind === 'Service') return name.startsWith('services.')
      if (type.kind === 'PersistentVolumeClaim') return name === 'requests.storage'
      return (
        type === Pods &&
        !name.startsWith('count/') &&
        !name.startsWith('services') &&
        name !== 'requests.storage' &&
        !shortCounts.has(name)
      )
    })
  })
}
