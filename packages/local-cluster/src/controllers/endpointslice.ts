import { createHash } from 'node:crypto'
import { EndpointSlices, Pods, Services } from '../api/resources.ts'
import { type ControllerContext, keyOf, parseKey, runController } from './kind-controller.ts'
import type { Endpoint, EndpointSlice, Pod, Service } from './objects.ts'
import { hostPort } from './pod-ports.ts'
import { isFinished, isReady, isTerminating } from './pods.ts'
import { sorted } from './replicaset.ts'
import { controllerRef, selects } from './selectors.ts'

export const SERVICE_LABEL = 'kubernetes.io/service-name'
const MANAGED_BY = { 'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io' }

type Ports = EndpointSlice['ports']

/**
 * EndpointSlices: where the pods of a Service are. Pods whose ports differ (every pod here has host ports of its own) are in
 * slices of their own, as on a real cluster. Reference: k8s.io/endpointslice.
 */
export function runEndpointSlices(context: ControllerContext) {
  return runController(context, {
    name: 'endpointslice',
    reconcile: (key) => reconcile(context, key),
    watches: [
      { type: Services, keys: (object) => [keyOf(object)] },
      { type: Pods, keys: (object) => [`${object.metadata.namespace ?? ''}/`] },
      { type: EndpointSlices, keys: (slice) => serviceKeys(slice.metadata.namespace, slice.metadata.labels) },
    ],
  })
}

const serviceKeys = (namespace: string | undefined, labels: Record<string, string> | undefined) => {
  const name = labels?.[SERVICE_LABEL]
  return name === undefined ? [] : [`${namespace ?? ''}/${name}`]
}

async function reconcile(context: ControllerContext, key: string): Promise<void> {
  const { namespace, name } = parseKey(key)
  if (name !== '') return reconcileService(context, namespace, name)
  // A pod changed: every Service of its namespace looks, which is a comparison of small lists.
  const { items } = await context.api.list<Service>(Services, { namespace })
  for (const service of items) await reconcileService(context, namespace, service.metadata.name)
}

async function reconcileService({ api }: ControllerContext, namespace: string, name: string): Promise<void> {
  const service = await api.get<Service>(Services, { namespace, name })
  const { items } = await api.list<EndpointSlice>(EndpointSlices, {
    namespace,
    labelSelector: `${SERVICE_LABEL}=${name}`,
  })
  const slices = items.filter((slice) => slice.metadata.deletionTimestamp === undefined)
  const gone = service === null || service.metadata.deletionTimestamp !== undefined
  const wanted = gone || service.spec.selector === undefined ? new Map() : await wantedSlices(api, service)
  for (const slice of slices) {
    const group = wanted.get(portsKey(slice.ports ?? []))
    if (group === undefined) {
      await api.delete(EndpointSlices, { namespace, name: slice.metadata.name })
      continue
    }
    wanted.delete(portsKey(slice.ports ?? []))
    if (same(slice.endpoints ?? [], group.endpoints)) continue
    await api.update({ ...structuredClone(slice), endpoints: group.endpoints } as EndpointSlice)
  }
  if (service === null) return
  for (const [ports, group] of wanted) {
    await api.create({
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        name: `${name}-${createHash('sha256').update(ports).digest('hex').slice(0, 10)}`,
        namespace,
        labels: { ...service.metadata.labels, ...MANAGED_BY, [SERVICE_LABEL]: name },
        ownerReferences: [controllerRef(service)],
      },
      addressType: 'IPv4',
      endpoints: group.endpoints,
      ports: group.ports,
    } as Parameters<typeof api.create>[0])
  }
}

async function wantedSlices(api: ControllerContext['api'], service: Service) {
  const { items } = await api.list<Pod>(Pods, { namespace: service.metadata.namespace ?? '' })
  const groups = new Map<string, { ports: Ports; endpoints: Endpoint[] }>()
  for (const pod of items) {
    const ip = pod.status?.podIP
    if (
      ip === undefined ||
      isFinished(pod) ||
      !selects({ matchLabels: service.spec.selector ?? {} }, pod.metadata.labels)
    )
      continue
    const ports = portsOf(service, pod)
    const group = groups.get(portsKey(ports)) ?? { ports, endpoints: [] }
    group.endpoints.push(endpointOf(service, pod, ip))
    groups.set(portsKey(ports), group)
  }
  for (const group of groups.values()) {
    group.endpoints.sort((a, b) => (a.targetRef?.name ?? '').localeCompare(b.targetRef?.name ?? ''))
  }
  return groups
}

function portsOf(service: Service, pod: Pod): Ports {
  return (service.spec.ports ?? []).flatMap((port) => {
    const target = hostPort(pod, port.targetPort ?? port.port)
    if (target === null) return []
    const protocol = port.protocol ?? 'TCP'
    return [
      { name: port.name ?? '', port: target, protocol, ...(port.appProtocol ? { appProtocol: port.appProtocol } : {}) },
    ]
  })
}

function endpointOf(service: Service, pod: Pod, ip: string): Endpoint {
  const serving = isReady(pod)
  const terminating = isTerminating(pod)
  return {
    addresses: [ip],
    conditions: {
      ready: service.spec.publishNotReadyAddresses === true || (serving && !terminating),
      serving,
      terminating,
    },
    targetRef: {
      kind: 'Pod',
      name: pod.metadata.name,
      namespace: pod.metadata.namespace ?? '',
      uid: pod.metadata.uid ?? '',
    },
    ...(pod.spec.nodeName === undefined ? {} : { nodeName: pod.spec.nodeName }),
  }
}

const portsKey = (ports: Ports) => ports.map((port) => `${port.name}:${port.protocol}:${port.port}`).join(',')
const same = (a: unknown, b: unknown) => JSON.stringify(sorted(a)) === JSON.stringify(sorted(b))
