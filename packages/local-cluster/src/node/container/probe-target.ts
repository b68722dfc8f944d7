import type { Pod } from '../../types/pod.ts'
import { containerPort, hostPort, NODE_IP } from '../../types/pod-ports.ts'
import { codeOf } from '../../types/system-error.ts'

/** Where a probe or hook goes. */
export interface ProbeTarget {
  host: string
  port: number
  /** `ADDRESS:PORT` as everybody knows it: the pod's own, where it has an address of its own. */
  shown: string
}

/**
 * Where a port of the pod really is; null when it has none of that name.
 * @param host another host than the pod, as the node sees it
 */
export function probeTarget(pod: Pod, port: number | string, host?: string): ProbeTarget | null {
  const number = containerPort(pod, port)
  if (number === null) return null
  const podIP = pod.status?.podIP ?? NODE_IP
  if (host !== undefined && host !== '' && host !== podIP) return { host, port: number, shown: `${host}:${number}` }
  const mapped = hostPort(pod, port) ?? number
  return { host: NODE_IP, port: mapped, shown: `${podIP}:${podIP === NODE_IP ? mapped : number}` }
}

/**
 * Another address of loopback: what listens on 127.0.0.1 only does not answer there, as it would not on a network of the pod's own.
 * Only Linux has it. Null: connections cannot tell.
 */
export function strangerTo({ host }: ProbeTarget): string | null {
  return host === '127.0.0.1' && process.platform === 'linux' ? '127.0.0.2' : null
}

/** Why a connection failed, as Go's net package words it. */
export function networkError(error: Error, { shown }: ProbeTarget): string {
  switch (codeOf(error)) {
    case 'ECONNREFUSED':
      return `dial tcp ${shown}: connect: connection refused`
    case 'ECONNRESET':
      return error.message === 'socket hang up' ? 'EOF' : `read tcp ${shown}: read: connection reset by peer`
    case 'ETIMEDOUT':
      return `dial tcp ${shown}: i/o timeout`
    default:
      return error.message
  }
}
