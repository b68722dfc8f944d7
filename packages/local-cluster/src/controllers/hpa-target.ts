import type { LocalApi } from '../api/client.ts'
import type { KubernetesObject } from '../api/objects.ts'
import { allResourceTypes, groupOf, type ResourceType } from '../api/resources.ts'
import type { HorizontalPodAutoscaler } from './hpa-objects.ts'
import type { LabelSelector } from './objects.ts'

const SCALABLE = new Set(['Deployment', 'ReplicaSet', 'StatefulSet'])

/** What an autoscaler scales. */
export interface ScaleTarget {
  type: ResourceType
  object: KubernetesObject & { spec: { replicas?: number; selector: LabelSelector } }
}

/** The object that the autoscaler names, whatever version of its group it says; or why there is none, in the real controller's words. */
export async function findTarget(api: LocalApi, hpa: HorizontalPodAutoscaler): Promise<ScaleTarget | string> {
  const { apiVersion = '', kind, name } = hpa.spec.scaleTargetRef
  const group = groupOf({ apiVersion })
  const type = allResourceTypes.find((each) => each.kind === kind && groupOf(each) === group)
  if (type === undefined) return `no matches for kind "${kind}" in group "${group}"`
  if (group !== 'apps' || !SCALABLE.has(kind)) return 'the server could not find the requested resource'
  const object = await api.get<ScaleTarget['object']>(type, { namespace: hpa.metadata.namespace ?? '', name })
  return object === null ? `${type.plural}.${group} "${name}" not found` : { type, object }
}
