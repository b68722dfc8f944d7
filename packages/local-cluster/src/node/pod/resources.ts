import type { JsonObject } from '../../types/objects.ts'
import type { Pod } from '../../types/pod.ts'
import { podUsage } from '../../types/pod-resources.ts'
import { allContainers } from './state.ts'

/**
 * What the pod as a whole was given. A limit is one only where each container has one.
 * Reference: PodStatus.resources and allocatedResources (InPlacePodLevelResourcesVerticalScaling), generateAPIPodStatus of the kubelet.
 */
export function podResources(pod: Pod): { allocatedResources?: Record<string, string>; resources: object } {
  const usage = podUsage(pod as unknown as JsonObject)
  const named = (prefix: string) =>
    ['cpu', 'memory'].flatMap((name): [string, string][] => {
      const amount = usage[`${prefix}.${name}`]
      return amount === undefined || amount === '0' ? [] : [[name, amount]]
    })
  const requests = Object.fromEntries(named('requests'))
  const limited = (name: string) => allContainers(pod).every(({ resources }) => resources?.limits?.[name] !== undefined)
  const limits = Object.fromEntries(named('limits').filter(([name]) => limited(name)))
  const isEmpty = (amounts: object) => Object.keys(amounts).length === 0
  return {
    ...(isEmpty(requests) ? {} : { allocatedResources: requests }),
    resources: { ...(isEmpty(limits) ? {} : { limits }), ...(isEmpty(requests) ? {} : { requests }) },
  }
}
