import { objectList, optionalObject } from './json.ts'
import type { JsonObject } from './objects.ts'
import { addQuantities, formatQuantity, parseQuantity, quantityOf } from './quantity.ts'

const qosResources = ['cpu', 'memory']

/** Reference: https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/ */
export function qosClass(spec: JsonObject): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  let any = false
  let guaranteed = true
  for (const container of [...objectList(spec, 'containers'), ...objectList(spec, 'initContainers')]) {
    const resources = optionalObject(container, 'resources')
    const [limits, requests] = [optionalObject(resources, 'limits'), optionalObject(resources, 'requests')]
    for (const name of qosResources) {
      const [limit, request] = [quantityOf(limits?.[name]), quantityOf(requests?.[name])]
      if (limit.nano > 0n || request.nano > 0n) any = true
      if (limit.nano === 0n || (request.nano > 0n && request.nano !== limit.nano)) guaranteed = false
    }
  }
  if (!any) return 'BestEffort'
  return guaranteed ? 'Guaranteed' : 'Burstable'
}

/**
 * What a pod asks for or is limited to, as quota and the scheduler count it: the sum of the containers and sidecars,
 * or the largest init container where that is more. Reference: k8s.io/component-helpers/resource.PodRequests.
 */
export function podResources(spec: JsonObject, kind: 'requests' | 'limits'): Record<string, string> {
  const of = (container: JsonObject) => optionalObject(optionalObject(container, 'resources'), kind) ?? {}
  const total: Record<string, string> = {}
  const add = (into: Record<string, string>, from: JsonObject) => {
    for (const [name, value] of Object.entries(from)) {
      into[name] = formatQuantity(addQuantities(quantityOf(into[name]), quantityOf(value)))
    }
  }
  const most = (into: Record<string, string>, from: JsonObject) => {
    for (const [name, value] of Object.entries(from)) {
      const wanted = quantityOf(value)
      const known = into[name] === undefined ? null : parseQuantity(into[name])
      if (known === null || known.nano < wanted.nano) into[name] = formatQuantity(wanted)
    }
  }
  for (const container of objectList(spec, 'containers')) add(total, of(container))
  const sidecars: Record<string, string> = {}
  const start: Record<string, string> = {}
  for (const container of objectList(spec, 'initContainers')) {
    const needed = { ...sidecars }
    add(needed, of(container))
    most(start, needed)
    if (container.restartPolicy === 'Always') add(sidecars, of(container))
  }
  add(total, sidecars)
  most(total, start)
  add(total, optionalObject(spec, 'overhead') ?? {})
  return total
}

/** A pod's requests and limits under all their names. */
export function podUsage(pod: JsonObject): Record<string, string> {
  const spec = optionalObject(pod, 'spec') ?? {}
  const out: Record<string, string> = {}
  for (const [name, value] of Object.entries(podResources(spec, 'requests'))) {
    out[`requests.${name}`] = value
    if (name === 'cpu' || name === 'memory' || name === 'ephemeral-storage') out[name] = value
  }
  for (const [name, value] of Object.entries(podResources(spec, 'limits'))) out[`limits.${name}`] = value
  return out
}
