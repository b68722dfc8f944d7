import { Nodes, PersistentVolumeClaims, Pods } from '../api/resources.ts'
import { setCondition } from './conditions.ts'
import { type ControllerContext, keyOf, parseKey, runController } from './kind-controller.ts'
import { type Misfit, type Node, whyNot } from './node-fit.ts'
import type { Pod } from './objects.ts'
import { isFinished, timestamp } from './pods.ts'
import { claimsOf, selectNode } from './scheduler-volumes.ts'

const COMPONENT = 'default-scheduler'
/** A pod that did not fit is looked at again when another goes, and at the latest after this. */
const RETRY_MS = 15_000

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
      { type: PersistentVolumeClaims, keys: () => [...waiting] },
    ],
  })
}

/** False when the pod has to wait. */
async function schedule(context: ControllerContext, key: string): Promise<boolean> {
  const { api } = context
  const pod = await api.get<Pod>(Pods, parseKey(key))
  if (pod === null || pod.spec.nodeName || pod.metadata.deletionTimestamp !== undefined) return true
  const { items: nodes } = await api.list<Node>(Nodes)
  const { items: pods } = await api.list<Pod>(Pods)
  const claims = await claimsOf(context, pod)
  if (claims.refusal !== null) {
    // The real scheduler asks its preemption for a way out, which finds no node to look at.
    await refuse(context, pod, `0/${nodes.length} nodes are available: ${claims.refusal}. not found`)
    return false
  }
  const misfits: Misfit[] = []
  for (const node of nodes) {
    const misfit = whyNot(pod, node, pods)
    if (misfit !== null) misfits.push(misfit)
    else if (claims.toBind.length === 0) {
      await bind(context, pod, node.metadata.name)
      return true
    } else {
      await selectNode(context, claims.toBind, node.metadata.name)
      return false
    }
  }
  await refuse(context, pod, messageOf(nodes.length, misfits))
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

/** `1 Insufficient cpu, 2 node(s) were unschedulable`, ordered as text. */
function counted(reasons: readonly string[]): string {
  const counts = Map.groupBy(reasons, (reason) => reason)
  return [...counts]
    .map(([reason, { length }]) => `${length} ${reason}`)
    .sort()
    .join(', ')
}

function messageOf(nodes: number, misfits: readonly Misfit[]): string {
  if (nodes === 0) return 'no nodes available to schedule pods'
  const hope = (misfit: Misfit) =>
    misfit.final ? 'Preemption is not helpful for scheduling' : 'No preemption victims found for incoming pod'
  const none = `0/${nodes} nodes are available`
  const reasons = counted(misfits.map(({ reason }) => reason))
  return `${none}: ${reasons}. no new claims to deallocate, preemption: ${none}: ${counted(misfits.map(hope))}.`
}

async function refuse({ api, now }: ControllerContext, pod: Pod, message: string): Promise<void> {
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
