import type { Pod } from './pod.ts'

/** Address of the node, and of pods that share its network. */
export const NODE_IP = '127.0.0.1'

/** Pods have addresses out of 10.244.0.0/14, as many clusters have, where the machine allows addresses of their own. */
export const POD_RANGE = { first: (10 << 24) | (244 << 16), size: 1 << 18 }

/** Whether the address is one of a pod that has its own. */
export function isPodAddress(address: string): boolean {
  const [a, b] = address.split('.').map(Number)
  return a === 10 && b !== undefined && b >= 244 && b < 248
}

/** Annotation by which the node says which host port stands for which container port: `{"8080":41873}`. */
export const PORTS_ANNOTATION = 'local.slipway.dev/ports'

/** Host port by container port; empty until the node has chosen. */
export function mappedPorts(pod: Pod): Record<string, number> {
  const text = pod.metadata.annotations?.[PORTS_ANNOTATION]
  if (text === undefined) return {}
  try {
    const value: unknown = JSON.parse(text)
    if (value === null || typeof value !== 'object') return {}
    return Object.fromEntries(
      Object.entries(value).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
    )
  } catch {
    return {} // Somebody else wrote it; the node writes it again when it starts the pod.
  }
}

/** The container port that a number or a port's name stands for, null when the pod has none of that name. */
export function containerPort(pod: Pod, port: number | string, protocol?: string): number | null {
  if (typeof port === 'number') return port
  if (/^\d+$/.test(port)) return Number(port)
  const sidecars = (pod.spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always')
  for (const container of [...pod.spec.containers, ...sidecars]) {
    const found = container.ports?.find(
      (each) => each.name === port && (protocol === undefined || (each.protocol ?? 'TCP') === protocol),
    )
    if (found !== undefined) return found.containerPort
  }
  return null
}

/** The port that endpoints of the pod name: its own where it has an address of its own, the machine's otherwise. */
export function endpointPort(pod: Pod, port: number | string, protocol = 'TCP'): number | null {
  const own = pod.status?.podIP !== undefined && pod.status.podIP !== NODE_IP
  const number = containerPort(pod, port, protocol)
  return own || number === null ? number : hostPort(pod, number)
}

/** Where the pod really listens for a port of its own; null when the pod has no such port. */
export function hostPort(pod: Pod, port: number | string): number | null {
  const number = containerPort(pod, port)
  if (number === null) return null
  return mappedPorts(pod)[String(number)] ?? number
}
