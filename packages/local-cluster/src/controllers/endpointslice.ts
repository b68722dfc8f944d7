import type { LocalApi } from '../types/client.ts'
import type { Pod } from '../types/pod.ts'
import { isReady, isTerminating } from '../types/pod-conditions.ts'
import { EndpointSlices, Services } from '../types/resources.ts'
import { controllerRef } from '../types/selectors.ts'
import type { Endpoint, EndpointSlice, Service } from '../types/service.ts'
import { SERVICE_LABEL } from '../types/service.ts'
import { planSlices, type WantedEndpoints } from './endpointslice-plan.ts'
import { type ControllerContext, parseKey, runController } from './kind-controller.ts'
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

const MANAGER_LABEL = 'endpointslice.kubernetes.io/managed-by'
const MANAGER = 'endpointslice-controller.k8s.io'

/**
 * EndpointSlices: where the pods of a Service are. They go with their Service by garbage collection.
 * Reference: k8s.io/endpointslice, reconciler.go.
 */
export function runEndpointSlices(context: ControllerContext) {
  const times = new TriggerTimes()
  return runController(context, {
    name: 'endpointslice',
    reconcile: (key) => reconcile(context.api, times, key),
    watches: [
      ...serviceWatches(),
      { type: EndpointSlices, keys: (slice) => serviceKeys(slice.metadata.namespace, slice.metadata.labels) },
    ],
  })
}

const serviceKeys = (namespace: string | undefined, labels: Record<string, string> | undefined) => {
  const name = labels?.[SERVICE_LABEL]
  return name === undefined ? [] : [`${namespace ?? ''}/${name}`]
}

async function reconcile(api: LocalApi, times: TriggerTimes, key: string): Promise<void> {
  const { namespace, name } = parseKey(key)
  const service = await api.get<Service>(Services, { namespace, name })
  if (service === null) return times.forget(key)
  if (!hasSelector(service)) return
  const { items } = await api.list<EndpointSlice>(EndpointSlices, {
    namespace,
    labelSelector: `${SERVICE_LABEL}=${name},${MANAGER_LABEL}=${MANAGER}`,
  })
  const slices = items.filter((slice) => slice.metadata.deletionTimestamp === undefined)
  const pods = await podsOf(api, service)
  const labels = { ...labelsOf(service), [MANAGER_LABEL]: MANAGER, [SERVICE_LABEL]: name }
  const plan = planSlices(slices, wantedEndpoints(service, pods.filter(isEndpoint)), labels)
  const time = times.next(key, service, pods)
  for (const slice of plan.deleted) await api.delete(EndpointSlices, { namespace, name: slice.metadata.name })
  for (const slice of plan.updated) {
    await api.update({ ...slice, metadata: { ...changedAt(slice.metadata, time), labels } } as EndpointSlice)
  }
  for (const { endpoints, ports } of plan.created) {
    const owner = { namespace, generateName: `${name}-`, labels, ownerReferences: [controllerRef(service)] }
    await api.create({
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: changedAt(owner, time),
      addressType: 'IPv4',
      endpoints,
      ports,
    } as unknown as Parameters<typeof api.create>[0])
  }
}

function changedAt<T extends Partial<EndpointSlice['metadata']>>(metadata: T, time: string | null): T {
  const { annotations: before, ...rest } = metadata
  const annotations = withTriggerTime(before, time)
  return (Object.keys(annotations).length === 0 ? rest : { ...rest, annotations }) as T
}

/** Endpoints by the ports that they have in common. */
function wantedEndpoints(service: Service, pods: readonly Pod[]): WantedEndpoints[] {
  const groups = new Map<string, WantedEndpoints>()
  for (const pod of pods) {
    const ports = portsOf(service, pod)
    const key = portsKey(ports)
    const group = groups.get(key) ?? { key, ports, endpoints: [] }
    group.endpoints.push(endpointOf(service, pod))
    groups.set(key, group)
  }
  return [...groups.values()]
}

function endpointOf(service: Service, pod: Pod): Endpoint {
  const serving = isReady(pod)
  const terminating = isTerminating(pod)
  return {
    addresses: [pod.status?.podIP ?? ''],
    conditions: {
      ready: service.spec.publishNotReadyAddresses === true || (serving && !terminating),
      serving,
      terminating,
    },
    ...hostnameOf(service, pod),
    targetRef: targetOf(pod),
    ...(pod.spec.nodeName === undefined ? {} : { nodeName: pod.spec.nodeName }),
  }
}
