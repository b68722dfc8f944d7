import { createHash } from 'node:crypto'
import type { LocalApi } from '../types/client.ts'
import type { Pod } from '../types/pod.ts'
import { conditionOf, isFinished } from '../types/pod-conditions.ts'
import { endpointPort } from '../types/pod-ports.ts'
import { Pods, Services } from '../types/resources.ts'
import type { EndpointPort, Service, ServicePort } from '../types/service.ts'
import { keyOf, type Watch } from './kind-controller.ts'
import { SelectorIndex } from './selector-index.ts'

/** What both kinds of endpoints share. Reference: k8s.io/endpointslice, k8s.io/kubernetes/pkg/controller/endpoint. */

const TRIGGER_TIME = 'endpoints.kubernetes.io/last-change-trigger-time'

/** A Service whose selector determines its endpoints. Without a selector they are managed by its creator. */
export const hasSelector = (service: Service) =>
  service.spec.selector !== undefined && service.spec.type !== 'ExternalName'

/** Services, and the pods that they select, as changes of the Services' endpoints. */
export function serviceWatches(): Watch[] {
  const selectors = new SelectorIndex()
  return [
    {
      type: Services,
      keys: (object, deleted) => {
        const { selector } = (object as Service).spec
        selectors.set(keyOf(object), deleted || selector === undefined ? null : { matchLabels: selector })
        return [keyOf(object)]
      },
    },
    { type: Pods, keys: (pod, _deleted, previous) => selectors.keysFor(pod, previous) },
  ]
}

/** The pods that the Service selects. */
export async function podsOf(api: LocalApi, service: Service): Promise<Pod[]> {
  const selector = { matchLabels: service.spec.selector ?? {} }
  return (await api.list<Pod>(Pods, { namespace: service.metadata.namespace ?? '', selector })).items
}

/** Pods that can be endpoints have an address and have not finished. */
export const isEndpoint = (pod: Pod) => Boolean(pod.status?.podIP) && !isFinished(pod)

/** The Service's ports as the pod has them; a named port that it has not is left out. */
export function portsOf(service: Service, pod: Pod): EndpointPort[] {
  return (service.spec.ports ?? []).flatMap((port: ServicePort) => {
    const target = endpointPort(pod, port.targetPort || port.port, port.protocol)
    if (target === null) return []
    const { name = '', protocol = 'TCP', appProtocol } = port
    return [{ name, port: target, protocol, ...(appProtocol === undefined ? {} : { appProtocol }) }]
  })
}

export const portsKey = (ports: readonly EndpointPort[]) =>
  createHash('sha256')
    .update(JSON.stringify(ports.map((port) => [port.name, port.protocol, port.port, port.appProtocol]).sort()))
    .digest('hex')

export const targetOf = (pod: Pod) => ({
  kind: 'Pod',
  namespace: pod.metadata.namespace ?? '',
  name: pod.metadata.name,
  uid: pod.metadata.uid ?? '',
})

const HEADLESS_LABEL = 'service.kubernetes.io/headless'

/** Labels of the Service as its endpoints carry them, with whether it is headless. */
export function labelsOf({ metadata, spec }: Service): Record<string, string> {
  const { [HEADLESS_LABEL]: _own, ...labels } = metadata.labels ?? {}
  return { ...labels, ...(spec.clusterIP === 'None' ? { [HEADLESS_LABEL]: '' } : {}) }
}

/** Annotations with the time of the change that they tell of; one of before is dropped. */
export function withTriggerTime(
  annotations: Record<string, string> | undefined,
  time: string | null,
): Record<string, string> {
  const { [TRIGGER_TIME]: _old, ...kept } = annotations ?? {}
  return time === null ? kept : { ...kept, [TRIGGER_TIME]: time }
}

/** The pod's own name behind a headless Service. */
export const hostnameOf = (service: Service, { spec }: Pod) =>
  spec.hostname && spec.subdomain === service.metadata.name ? { hostname: spec.hostname } : {}

/**
 * The earliest of the changes since the last look at a Service: its own creation, or a pod that became ready or stopped being so.
 * Reference: TriggerTimeTracker of k8s.io/endpointslice/util.
 */
export class TriggerTimes {
  readonly #seen = new Map<string, { service: string; pods: ReadonlyMap<string, string> }>()

  /** RFC 3339, or null when nothing of the kind changed. Times of whole seconds in UTC sort as texts do. */
  next(key: string, service: Service, pods: readonly Pod[]): string | null {
    const before = this.#seen.get(key)
    const times = new Map<string, string>()
    const changed: string[] = []
    for (const pod of pods) {
      const time = conditionOf(pod.status?.conditions, 'Ready')?.lastTransitionTime
      if (time === undefined || time === null) continue
      times.set(pod.metadata.name, time)
      if (time > (before?.pods.get(pod.metadata.name) ?? '')) changed.push(time)
    }
    const created = service.metadata.creationTimestamp ?? ''
    if (created > (before?.service ?? '')) changed.push(created)
    this.#seen.set(key, { service: created, pods: times })
    return (before === undefined ? created : changed.sort()[0]) ?? null
  }

  forget(key: string): void {
    this.#seen.delete(key)
  }
}
