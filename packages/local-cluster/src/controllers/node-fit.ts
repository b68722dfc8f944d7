import type { Container } from '../types/container.ts'
import type { KubernetesObject } from '../types/objects.ts'
import type { NodeSelectorTerm, Pod, PodSpec, Toleration } from '../types/pod.ts'
import { quantityOf } from '../types/quantity.ts'
import { meets } from '../types/requirement.ts'

interface Taint {
  key: string
  value?: string
  effect: string
}

export interface Node extends KubernetesObject {
  spec?: { unschedulable?: boolean; taints?: Taint[] }
  status?: { allocatable?: Record<string, string> }
}

/** Why a pod does not fit on a node, in the scheduler's words. */
export interface Misfit {
  reason: string
  /** True where no pod that went would make room. */
  final: boolean
}

/** What the pods on a node have taken already. */
export interface NodeLoad {
  pods: number
  /** Requests, times 10^9. */
  nano: { cpu: bigint; memory: bigint }
  /** True where a pod has the host port (`TCP/80`). */
  hasPort(port: string): boolean
}

const final = (reason: string): Misfit => ({ reason, final: true })

/**
 * Why the pod does not fit; empty when it does. The first filter that refuses it speaks, of resources all that are short.
 * Reference: the filter plugins of kube-scheduler, in their order.
 */
export function whyNot(pod: Pod, node: Node, load: NodeLoad): Misfit[] {
  if (node.spec?.unschedulable === true && !toleratesAll(pod.spec, [UNSCHEDULABLE])) {
    return [final('node(s) were unschedulable')]
  }
  if (!toleratesTaints(pod.spec, node)) return [final('node(s) had untolerated taint(s)')]
  if (!selectsNode(pod.spec, node)) return [final("node(s) didn't match Pod's node affinity/selector")]
  if (hostPorts(pod).some((port) => load.hasPort(port))) {
    return [{ reason: "node(s) didn't have free ports for the requested pod ports", final: false }]
  }
  return resourcesShort(pod, node, load)
}

const UNSCHEDULABLE: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }

function resourcesShort(pod: Pod, node: Node, load: NodeLoad): Misfit[] {
  const misfits: Misfit[] = []
  const allocatable = (resource: string) => amount(node.status?.allocatable?.[resource] ?? '0')
  if (BigInt(load.pods + 1) * NANO > allocatable('pods')) misfits.push({ reason: 'Too many pods', final: false })
  for (const resource of ['cpu', 'memory'] as const) {
    const asked = requested(pod, resource)
    if (asked > 0n && asked + load.nano[resource] > allocatable(resource)) {
      misfits.push({ reason: `Insufficient ${resource}`, final: asked > allocatable(resource) })
    }
  }
  return misfits
}

const NANO = 1_000_000_000n
const amount = (quantity: string | number) => quantityOf(quantity).nano

/** What a pod reserves, times 10^9: the sum of its containers and sidecars, or one init container where that is more. */
export function requested(pod: Pod, resource: string): bigint {
  const of = (container: Container) => amount(container.resources?.requests?.[resource] ?? '0')
  const init = pod.spec.initContainers ?? []
  const sidecars = init.filter(({ restartPolicy }) => restartPolicy === 'Always')
  const together = [...pod.spec.containers, ...sidecars].reduce((total, container) => total + of(container), 0n)
  const inTurn = init.map(of).filter((each) => each > together)
  return inTurn.sort((a, b) => (a < b ? 1 : -1))[0] ?? together
}

export function hostPorts(pod: Pod): string[] {
  return pod.spec.containers.flatMap(({ ports = [] }) =>
    ports.flatMap(({ hostPort, protocol = 'TCP' }) =>
      hostPort === undefined || hostPort === 0 ? [] : [`${protocol}/${hostPort}`],
    ),
  )
}

/** True when the pod tolerates every taint of the node that keeps pods away. */
export function toleratesTaints(spec: PodSpec, node: Node): boolean {
  const taints = (node.spec?.taints ?? []).filter(({ effect }) => effect === 'NoSchedule' || effect === 'NoExecute')
  return toleratesAll(spec, taints)
}

function toleratesAll({ tolerations = [] }: PodSpec, taints: readonly Taint[]): boolean {
  return taints.every((taint) => tolerations.some((toleration) => tolerates(toleration, taint)))
}

function tolerates({ key = '', operator = 'Equal', value = '', effect = '' }: Toleration, taint: Taint): boolean {
  if (effect !== '' && effect !== taint.effect) return false
  if (key === '') return operator === 'Exists'
  return key === taint.key && (operator === 'Exists' || value === (taint.value ?? ''))
}

/** True when nodeSelector and required node affinity take the node. */
export function selectsNode(spec: PodSpec, node: Node): boolean {
  const { labels = {} } = node.metadata
  if (!Object.entries(spec.nodeSelector ?? {}).every(([key, value]) => labels[key] === value)) return false
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  return required === undefined || (required.nodeSelectorTerms ?? []).some((term) => termTakes(term, node))
}

function termTakes({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, node: Node): boolean {
  if (matchExpressions.length + matchFields.length === 0) return false
  const { labels = {}, name } = node.metadata
  return (
    matchExpressions.every((each) => meets(each, labels[each.key])) &&
    matchFields.every((each) => meets(each, each.key === 'metadata.name' ? name : undefined))
  )
}
