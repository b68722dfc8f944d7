import type { Pod } from '../../types/pod.ts'
import { isPodAddress, NODE_IP } from '../../types/pod-ports.ts'
import type { NodeContext } from '../context.ts'
import type { PodRecord } from './state.ts'

/** The address that the pod has, or gets: its own, or the node's. */
export function podAddress({ addresses }: NodeContext, pod: Pod): string {
  const present = pod.status?.podIP
  if (present !== undefined) {
    if (isPodAddress(present)) addresses?.keep(present)
    return present
  }
  return addresses === null || hasNodeNetwork(pod) ? NODE_IP : addresses.take()
}

export const hasNodeNetwork = (pod: Pod) => pod.spec.hostNetwork === true

/** From now on other pods reach the pod at its address, on its own ports. */
export function routeToPod({ network }: NodeContext, record: PodRecord, ports: Readonly<Record<string, number>>): void {
  if (network === null || record.ip === NODE_IP) return
  // What it does not declare is where the program says.
  network.routes.set({ host: record.ip, port: 0 }, { host: NODE_IP, port: 0 })
  for (const [from, to] of Object.entries(ports)) {
    network.routes.set({ host: record.ip, port: Number(from) }, { host: NODE_IP, port: to })
    record.routed.add(Number(from))
  }
}

/** The pod is gone: its address may be another's soon. */
export function releaseAddress({ network, addresses }: NodeContext, record: PodRecord): void {
  if (record.ip === NODE_IP) return
  for (const port of [0, ...record.routed]) network?.routes.delete({ host: record.ip, port })
  addresses?.release(record.ip)
}
