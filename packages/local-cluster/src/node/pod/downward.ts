import type { Container } from '../../types/container.ts'
import type { Pod } from '../../types/pod.ts'
import { NODE_IP } from '../../types/pod-ports.ts'
import { quantityOf } from '../../types/quantity.ts'
import type { NodeContext } from '../context.ts'
import { allContainers } from './state.ts'

/**
 * What a field reference stands for, null for a field that has no such reference.
 * Reference: https://kubernetes.io/docs/concepts/workloads/pods/downward-api/
 */
export function fieldValue(node: Pick<NodeContext, 'nodeName' | 'pods'>, pod: Pod, path: string): string | null {
  const subscript = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path)
  if (subscript !== null) {
    const values = subscript[1] === 'labels' ? pod.metadata.labels : pod.metadata.annotations
    return values?.[subscript[2] ?? ''] ?? ''
  }
  switch (path) {
    case 'metadata.name':
      return pod.metadata.name
    case 'metadata.namespace':
      return pod.metadata.namespace ?? ''
    case 'metadata.uid':
      return pod.metadata.uid ?? ''
    case 'metadata.labels':
      return lines(pod.metadata.labels)
    case 'metadata.annotations':
      return lines(pod.metadata.annotations)
    case 'spec.nodeName':
      return node.nodeName
    case 'spec.serviceAccountName':
      return pod.spec.serviceAccountName ?? 'default'
    case 'status.podIP':
    case 'status.podIPs':
      return node.pods.get(pod.metadata.uid ?? '')?.ip ?? ''
    case 'status.hostIP':
    case 'status.hostIPs':
      return NODE_IP
    default:
      return null
  }
}

/** All labels or annotations, one a line, as the kubelet formats them. */
const lines = (values: Readonly<Record<string, string>> | undefined) =>
  Object.entries(values ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join('\n')

/**
 * A container's request or limit in units of the divisor, rounded up. A limit that is not set is what the node can give.
 */
export function resourceValue(
  pod: Pod,
  container: Container | null,
  ref: { containerName?: string; resource: string; divisor?: string | number },
  allocatable: Readonly<Record<string, string>>,
): string {
  const named = allContainers(pod).find((each) => each.name === ref.containerName) ?? container
  const [kind, ...rest] = ref.resource.split('.')
  const resource = rest.join('.')
  const { limits, requests } = named?.resources ?? {}
  const given = kind === 'limits' ? (limits?.[resource] ?? allocatable[resource]) : requests?.[resource]
  const divisor = quantityOf(ref.divisor ?? 1).nano
  const by = divisor === 0n ? 1_000_000_000n : divisor
  return String((quantityOf(given ?? 0).nano + by - 1n) / by)
}
