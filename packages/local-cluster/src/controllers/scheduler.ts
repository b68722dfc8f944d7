import type { KubernetesObject } from '../api/objects.ts'
import { Nodes, Pods } from '../api/resources.ts'
import { quantityOf } from '../schema/quantity.ts'
import { setCondition } from './conditions.ts'
import { type ControllerContext, keyOf, parseKey, runController } from './kind-controller.ts'
import type { Container, Pod } from './objects.ts'
import { isFinished, timestamp } from './pods.ts'

const COMPONENT = 'default-scheduler'
/** A pod that did not fit is looked at again when another goes, and at the latest after this. */
const RETRY_MS = 15_000

interface Node extends KubernetesObject {
  spec?: { unschedulable?: boolean }
  status?: { allocatable?: Record<string, string> }
}

/** Binds pods to the one node while they fit. Reference: https://kubernetes.io/docs/concepts/scheduling-eviction/kube-scheduler/ */
export function runScheduler(context: ControllerContext) {
  const waiting = new Set<string>()
  return runController(context, {
    name: 'scheduler',
    // One at a time: each sees what the one before has taken.
    concurrency: 1,
    reconcile: async (key) => {
      const bound = await schedule(context, key)
      if (bound) waiting.delete(key)
      else waiting.add(key)
      return bound ? undefined : { requeueAfterMs: RETRY_MS }
    },
    watches: [
      {
        type: Pods,
        keys: (object, deleted) => {
          const pod = object as Pod
          if (deleted) waiting.delete(keyOf(pod))
          if (deleted || isFinished(pod)) return [...waiting]
          return pod.spec.nodeName ? [] : [keyOf(pod)]
        },
      },
      { type: Nodes, keys: () => [...waiting] },
    ],
  })
}

const amount = (quantity: string | number) => Number(quantityOf(quantity).nano) / 1e9

/** False when the pod has to wait. */
async function schedule(context: ControllerContext, key: string): Promise<boolean> {
  const { api } = context
  const pod = await api.get<Pod>(Pods, parseKey(key))
  if (pod === null || pod.spec.nodeName || pod.metadata.deletionTimestamp !== undefined) return true
  const { items: nodes } = await api.list<Node>(Nodes)
  const { items: pods } = await api.list<Pod>(Pods)
  const refusals: string[] = []
  for (const node of nodes) {
    const refusal = whyNot(pod, node, pods)
    if (refusal === null) {
      await bind(context, pod, node.metadata.name)
      return true
    }
    refusals.push(refusal)
  }
  await refuse(context, pod, nodes.length, refusals)
  return false
}

async function bind({ api }: ControllerContext, pod: Pod, node: string): Promise<void> {
  const { namespace, name } = pod.metadata
  await api.bind({ namespace: namespace ?? '', name }, node)
  const message = `Successfully assigned ${namespace}/${name} to ${node}`
  await api.recordEvent({
    about: pod,
    type: 'Normal',
    reason: 'Scheduled',
    message,
    component: COMPONENT,
    action: 'Binding',
  })
}

async function refuse({ api, now }: ControllerContext, pod: Pod, nodes: number, refusals: readonly string[]) {
  const counts = new Map<string, number>()
  for (const refusal of refusals) counts.set(refusal, (counts.get(refusal) ?? 0) + 1)
  const reasons = [...counts].map(([reason, count]) => `${count} ${reason}`).join(', ')
  const preemption = `preemption: 0/${nodes} nodes are available: ${nodes} Preemption is not helpful for scheduling.`
  const message =
    nodes === 0
      ? 'no nodes available to schedule pods'
      : `0/${nodes} nodes are available: ${reasons}. no new claims to deallocate, ${preemption}`
  const conditions = setCondition(
    pod.status?.conditions ?? [],
    {
      type: 'PodScheduled',
      status: 'False',
      reason: 'Unschedulable',
      message,
      lastProbeTime: null,
      observedGeneration: pod.metadata.generation ?? 0,
    },
    timestamp(now()),
  )
  if (conditions === pod.status?.conditions) return
  const status = { ...pod.status, phase: 'Pending' as const, conditions: [...conditions] }
  await api.updateStatus({ ...structuredClone(pod), status } as Pod)
  await api.recordEvent({
    about: pod,
    type: 'Warning',
    reason: 'FailedScheduling',
    message,
    component: COMPONENT,
    action: 'Scheduling',
  })
}

/** The resource that is short on the node, in the scheduler's words; null when the pod fits. */
function whyNot(pod: Pod, node: Node, pods: readonly Pod[]): string | null {
  if (node.spec?.unschedulable === true) return 'node(s) were unschedulable'
  const there = pods.filter((other) => other.spec.nodeName === node.metadata.name && !isFinished(other))
  const allocatable = (resource: string) => amount(node.status?.allocatable?.[resource] ?? '0')
  if (there.length + 1 > allocatable('pods')) return 'Too many pods'
  for (const resource of ['cpu', 'memory']) {
    const asked = requested(pod, resource)
    const used = there.reduce((total, other) => total + requested(other, resource), 0)
    if (asked > 0 && asked + used > allocatable(resource)) return `Insufficient ${resource}`
  }
  return null
}

/** What a pod reserves: the sum of its containers, or one init container where that is more. */
function requested(pod: Pod, resource: string): number {
  const of = (container: Container) => amount(container.resources?.requests?.[resource] ?? '0')
  const together = pod.spec.containers.reduce((total, container) => total + of(container), 0)
  return Math.max(together, ...(pod.spec.initContainers ?? []).map(of))
}
