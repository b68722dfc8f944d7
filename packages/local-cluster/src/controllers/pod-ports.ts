import type { Pod } from './objects.ts'

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
function containerPort(pod: Pod, port: number | string): number | null {
  if (typeof port === 'number') return port
  if (/^\d+$/.test(port)) return Number(port)
  for (const container of pod.spec.containers) {
    const found = container.ports?.find((each) => each.name === port)
    if (found !== undefined) return found.containerPort
  }
  return null
}

/** Where the pod really listens for a port of its own; null when the pod has no such port. */
export function hostPort(pod: Pod, port: number | string): number | null {
  const number = containerPort(pod, port)
  if (number === null) return null
  return mappedPorts(pod)[String(number)] ?? number
}
