import { conflict } from '../../types/errors.ts'
import { isJsonObject, optionalObject, stringOf } from '../../types/json.ts'
import type { JsonObject, KubernetesObject } from '../../types/objects.ts'
import { Pods } from '../../types/resources.ts'
import { timestamp } from '../../types/times.ts'
import type { ApiCore } from './core.ts'
import { asJson } from './decode-body.ts'
import type { ObjectPath } from './request.ts'

/** POST pods/NAME/binding: reference pkg/registry/core/pod/storage.BindingREST. */
export function bindPod(core: ApiCore, path: ObjectPath, target: { nodeName: string }): void {
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
