import type { LocalApi } from '../api/client.ts'
import { Endpoints, Services } from '../api/resources.ts'
import { OVER_CAPACITY, withinCapacity } from './endpoints-capacity.ts'
import { type ControllerContext, keyOf, parseKey, runController } from './kind-controller.ts'
import type { EndpointAddress, EndpointPort, EndpointSubset, EndpointsObject, Pod, Service } from './objects.ts'
import { isReady, isTerminating } from './pods.ts'
import { same } from './same.ts'
import {
  hasSelector,
  hostnameOf,
  isEndpoint,
  labelsOf,
  podsOf,
  portsKey,
  portsOf,
  serviceWatches,
  TriggerTimes,
  targetOf,
  withTriggerTime,
} from './service-endpoints.ts'

const MANAGER_LABEL = 'endpoints.kubernetes.io/managed-by'
const MANAGER = 'endpoint-controller'

/**
 * Endpoints, which EndpointSlices have replaced, for the clients that still read them, as older versions of kubectl.
 * Reference: k8s.io/kubernetes/pkg/controller/endpoint.
 */
export function runEndpoints(context: ControllerContext) {
  const times = new TriggerTimes()
  return runController(context, {
    name: 'endpoint',
    reconcile: (key) => reconcile(context.api, times, key),
    watches: [...serviceWatches(), { type: Endpoints, keys: (object) => [keyOf(object)] }],
  })
}

async function reconcile(api: LocalApi, times: TriggerTimes, key: string): Promise<void> {
  const { namespace, name } = parseKey(key)
  const service = await api.get<Service>(Services, { namespace, name })
  const present = await api.get<EndpointsObject>(Endpoints, { namespace, name })
  if (service === null) {
    times.forget(key)
    if (present?.metadata.labels?.[MANAGER_LABEL] !== undefined) {
      await api.delete(Endpoints, { namespace, name })
    }
    return
  }
  if (!hasSelector(service)) return
  const pods = await podsOf(api, service)
  const { subsets, truncated } = withinCapacity(subsetsOf(service, pods.filter(isEndpoint)))
  const labels = { ...labelsOf(service), [MANAGER_LABEL]: MANAGER }
  const { [OVER_CAPACITY]: over, ...kept } = present?.metadata.annotations ?? {}
  const isSame =
    present !== null &&
    same(present.subsets ?? [], subsets) &&
    same(present.metadata.labels, labels) &&
    (over !== undefined) === truncated
  const time = times.next(key, service, pods)
  if (isSame) return
  const annotations = {
    ...withTriggerTime(kept, time),
    ...(truncated ? { [OVER_CAPACITY]: 'truncated' } : {}),
  }
  const next = {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { ...present?.metadata, namespace, name, labels, annotations },
    ...(subsets.length === 0 ? {} : { subsets }),
  } as unknown as Parameters<typeof api.create>[0]
  await (present === null ? api.create(next) : api.update(next))
}

/** Addresses that have their ports in common are one subset. Reference: RepackSubsets of pkg/api/v1/endpoints. */
function subsetsOf(service: Service, pods: readonly Pod[]): EndpointSubset[] {
  const notReadyToo = service.spec.publishNotReadyAddresses === true
  const subsets = new Map<string, EndpointSubset>()
  for (const pod of pods) {
    if (isTerminating(pod) && !notReadyToo) continue
    const ports = portsOf(service, pod)
    if (ports.length === 0 && service.spec.clusterIP !== 'None') continue
    const key = portsKey(ports)
    const subset = subsets.get(key) ?? subsetOf(ports)
    const list = notReadyToo || isReady(pod) ? 'addresses' : 'notReadyAddresses'
    subset[list] ??= []
    subset[list].push(addressOf(service, pod))
    subsets.set(key, subset)
  }
  return [...subsets.keys()].sort().flatMap((key) => subsets.get(key) ?? [])
}

function subsetOf(ports: readonly EndpointPort[]): EndpointSubset {
  if (ports.length === 0) return {}
  return { ports: ports.map(({ name, ...port }) => (name === '' ? port : { name, ...port })) }
}

const addressOf = (service: Service, pod: Pod): EndpointAddress => ({
  ip: pod.status?.podIP ?? '',
  ...hostnameOf(service, pod),
  ...(pod.spec.nodeName === undefined ? {} : { nodeName: pod.spec.nodeName }),
  targetRef: targetOf(pod),
})
