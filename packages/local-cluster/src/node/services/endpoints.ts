import type { LocalApi } from '../../types/client.ts'
import type { PodDirectory } from '../../types/pod-directory.ts'
import { EndpointSlices } from '../../types/resources.ts'
import type { EndpointSlice, Service } from '../../types/service.ts'
import { SERVICE_LABEL } from '../../types/service.ts'

export interface Target {
  host: string
  port: number
}

export type ServicePort = NonNullable<Service['spec']['ports']>[number]

/**
 * Where connections to a port of a Service go: its ready endpoints, or, where there are none, those that still serve while
 * they end. With `pod`, that pod alone, ready or not. Reference: https://kubernetes.io/docs/concepts/services-networking/service/
 */
export async function targetsOf(
  api: LocalApi,
  service: { namespace: string; name: string },
  port: ServicePort,
  pod: string | null,
  pods: PodDirectory,
): Promise<Target[]> {
  const { items } = await api.list<EndpointSlice>(EndpointSlices, {
    namespace: service.namespace,
    labelSelector: `${SERVICE_LABEL}=${service.name}`,
  })
  const ready: Target[] = []
  const draining: Target[] = []
  for (const slice of items) {
    const target = slice.ports?.find((each) => (each.name ?? '') === (port.name ?? ''))
    if (target === undefined) continue
    for (const { addresses, conditions, targetRef } of slice.endpoints ?? []) {
      if (pod !== null && targetRef?.name !== pod) continue
      const targets = addresses.flatMap((address) => pods.find(address, target.port) ?? [])
      if (pod !== null || conditions.ready) ready.push(...targets)
      else if (conditions.serving && conditions.terminating) draining.push(...targets)
    }
  }
  return ready.length > 0 ? ready : draining
}

export interface BackingPod {
  name: string
  address: string
}

/** The pods behind a headless Service, each of which has a name of its own. */
export async function podsBehind(api: LocalApi, service: { namespace: string; name: string }): Promise<BackingPod[]> {
  const { items } = await api.list<EndpointSlice>(EndpointSlices, {
    namespace: service.namespace,
    labelSelector: `${SERVICE_LABEL}=${service.name}`,
  })
  return items.flatMap((slice) =>
    (slice.endpoints ?? []).flatMap(({ addresses: [address], targetRef }) =>
      address !== undefined && targetRef?.kind === 'Pod' ? [{ name: targetRef.name, address }] : [],
    ),
  )
}
