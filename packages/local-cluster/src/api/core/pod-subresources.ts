import { isJsonObject } from '../../schema/decode.ts'
import { timestamp } from '../../times.ts'
import type { DeleteOptions } from '../client.ts'
import { ApiError, conflict, tooManyRequests } from '../errors.ts'
import { numberOf, optionalObject, stringMap, stringOf } from '../kinds/json.ts'
import type { JsonObject, KubernetesObject } from '../objects.ts'
import { PodDisruptionBudgets, Pods } from '../resources.ts'
import { notSupported, required } from '../validation/fields.ts'
import { matchesLabelSelector } from '../validation/label-selector.ts'
import type { ApiCore } from './core.ts'
import { asJson } from './decode-body.ts'
import type { ObjectPath } from './request.ts'

/** POST pods/NAME/binding: reference pkg/registry/core/pod/storage.BindingREST. */
export function bindPod(core: ApiCore, path: ObjectPath, target: { nodeName: string; dryRun?: boolean }): void {
  const pod = core.get(Pods, path)
  const json = asJson(pod)
  const spec = optionalObject(json, 'spec') ?? {}
  if (pod.metadata.deletionTimestamp !== undefined) {
    throw conflict(podBindings, path.name, `pod ${path.name} is being deleted, cannot be assigned to a host`)
  }
  const assigned = stringOf(spec, 'nodeName')
  if (assigned !== '') {
    throw conflict(podBindings, path.name, `pod ${path.name} is already assigned to node "${assigned}"`)
  }
  if (Array.isArray(spec.schedulingGates) && spec.schedulingGates.length > 0) {
    throw conflict(podBindings, path.name, `pod ${path.name} has non-empty .spec.schedulingGates`)
  }
  if (target.dryRun === true) return
  const status = optionalObject(json, 'status') ?? {}
  const now = timestamp(Date.now())
  const others = Array.isArray(status.conditions)
    ? status.conditions.filter((condition) => !(isJsonObject(condition) && condition.type === 'PodScheduled'))
    : []
  const scheduled: JsonObject = {
    type: 'PodScheduled',
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: now,
  }
  const bound: JsonObject = {
    ...json,
    spec: { ...spec, nodeName: target.nodeName },
    status: { ...status, conditions: [...others, scheduled] },
  }
  core.storeUnchecked(Pods, bound as unknown as KubernetesObject)
}

const podBindings = { ...Pods, plural: 'pods/binding' }

/** The node that a binding names. @throws ApiError 500, as the real server does, for one that names none. */
export function bindingTarget(binding: JsonObject): string {
  const target = optionalObject(binding, 'target')
  const [kind, name] = [stringOf(target, 'kind'), stringOf(target, 'name')]
  const wrong = kind === '' || kind === 'Node' ? [] : [notSupported('target.kind', kind, ['Node', '<empty>'])]
  const errors = name === '' ? [...wrong, required('target.name')] : wrong
  const said = errors.map(({ field, message }) => `${field}: ${message}`)
  if (said.length > 0) throw new ApiError(500, undefined, said.length === 1 ? `${said[0]}` : `[${said.join(', ')}]`)
  return name
}

/**
 * POST pods/NAME/eviction: a delete that disruption budgets may refuse with 429.
 * Reference: https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/
 */
export function evictPod(core: ApiCore, path: ObjectPath, options: DeleteOptions): void {
  const pod = core.get(Pods, path)
  const json = asJson(pod)
  const phase = stringOf(optionalObject(json, 'status'), 'phase')
  const budgets = core.list(PodDisruptionBudgets, { namespace: path.namespace }).filter((budget) => {
    const selector = optionalObject(optionalObject(asJson(budget), 'spec'), 'selector')
    return matchesLabelSelector(selector, stringMap(optionalObject(json, 'metadata'), 'labels'))
  })
  if (budgets.length > 1) {
    throw new ApiError(
      500,
      'InternalError',
      'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
    )
  }
  const [budget] = budgets
  const counts =
    phase !== 'Succeeded' && phase !== 'Failed' && phase !== 'Pending' && pod.metadata.deletionTimestamp === undefined
  if (budget !== undefined && counts && !isFreeToGo(budget, json)) {
    spendDisruption(core, budget, path.name, options.dryRun === true)
  }
  if (options.dryRun !== true) noteEviction(core, pod)
  core.delete(core.strategyOf(Pods), path, options)
}

/** A pod that is not ready protects nothing: it may go where its budget says so, or is met without it. */
function isFreeToGo(budget: KubernetesObject, pod: JsonObject): boolean {
  const conditions = optionalObject(pod, 'status')?.conditions
  const list = Array.isArray(conditions) ? conditions.filter(isJsonObject) : []
  if (list.some(({ type, status }) => type === 'Ready' && status === 'True')) return false
  const json = asJson(budget)
  if (stringOf(optionalObject(json, 'spec'), 'unhealthyPodEvictionPolicy') === 'AlwaysAllow') return true
  const status = optionalObject(json, 'status')
  const desired = numberOf(status, 'desiredHealthy') ?? 0
  return desired > 0 && (numberOf(status, 'currentHealthy') ?? 0) >= desired
}

/** Says in the pod's status why it goes. Reference: addConditionAndDeletePod of pkg/registry/core/pod/storage/eviction.go. */
function noteEviction(core: ApiCore, pod: KubernetesObject): void {
  const json = asJson(pod)
  const status = optionalObject(json, 'status') ?? {}
  const conditions = Array.isArray(status.conditions) ? status.conditions : []
  if (conditions.some((condition) => isJsonObject(condition) && condition.type === 'DisruptionTarget')) return
  const target: JsonObject = {
    type: 'DisruptionTarget',
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: timestamp(Date.now()),
    reason: 'EvictionByEvictionAPI',
    message: 'Eviction API: evicting',
  }
  const noted: JsonObject = { ...json, status: { ...status, conditions: [...conditions, target] } }
  core.storeUnchecked(Pods, noted as unknown as KubernetesObject)
}

function spendDisruption(core: ApiCore, budget: KubernetesObject, podName: string, dryRun: boolean): void {
  const json = asJson(budget)
  const status = optionalObject(json, 'status') ?? {}
  const allowed = numberOf(status, 'disruptionsAllowed') ?? 0
  if ((numberOf(status, 'observedGeneration') ?? 0) < (budget.metadata.generation ?? 0)) {
    throw tooManyRequests("Cannot evict pod as it would violate the pod's disruption budget.", 10, [
      {
        reason: 'DisruptionBudget',
        message: `The disruption budget ${budget.metadata.name} is still being processed by the server.`,
      },
    ])
  }
  if (allowed <= 0) {
    const [desired, healthy] = [numberOf(status, 'desiredHealthy') ?? 0, numberOf(status, 'currentHealthy') ?? 0]
    throw tooManyRequests("Cannot evict pod as it would violate the pod's disruption budget.", 0, [
      {
        reason: 'DisruptionBudget',
        message: `The disruption budget ${budget.metadata.name} needs ${desired} healthy pods and has ${healthy} currently`,
      },
    ])
  }
  if (dryRun) return
  const disruptedPods = {
    ...optionalObject(status, 'disruptedPods'),
    [podName]: timestamp(Date.now()),
  }
  const spent: JsonObject = { ...json, status: { ...status, disruptionsAllowed: allowed - 1, disruptedPods } }
  core.storeUnchecked(PodDisruptionBudgets, spent as unknown as KubernetesObject)
}
