import type { Pod } from '../types/pod.ts'
import { isFinished } from '../types/pod-conditions.ts'
import { Nodes, PersistentVolumeClaims, Pods } from '../types/resources.ts'
import { timestamp } from '../types/times.ts'
import { setCondition } from './conditions.ts'
import { type ControllerContext, keyOf, parseKey, runController } from './kind-controller.ts'
import { type Misfit, type Node, whyNot } from './node-fit.ts'
import { NodeLoads } from './node-load.ts'
import { PlacedPods } from './pod-topology.ts'
import { claimsOf, selectNode } from './scheduler-volumes.ts'

const COMPONENT = 'default-scheduler'
/** A pod that did not fit is looked at again when another goes, and at the latest after this. */
const RETRY_MS = 15_000
/** Pods being bound at once; each is decided on in one go and seen by the next. */
const CONCURRENCY = 16
/** No key of a pod: those have a slash. */
const EVERY_WAITING = 'every pod that waits'

/** Binds pods to the one node while they fit. Reference: https://kubernetes.io/docs/concepts/scheduling-eviction/kube-scheduler/ */
export function runScheduler(context: ControllerContext) {
  const waiting = new Set<string>()
  const loads = new NodeLoads()
  const placed = new PlacedPods()
  /** Of those that wait, the ones with a rule about whom they want to be with. */
  const lonely = new Set<string>()
  /** Room may have come: one look at this key stands for one at every pod that waits. */
  const all = () => (waiting.size === 0 ? [] : [EVERY_WAITING])
  const running = runController(context, {
    name: 'scheduler',
    concurrency: CONCURRENCY,
    reconcile: async (key) => {
      if (key === EVERY_WAITING) {
        for (const each of waiting) running.controller.enqueue(each)
        return undefined
      }
      const bound = await schedule(context, { loads, placed }, key)
      if (bound) waiting.delete(key)
      else waiting.add(key)
      return bound ? undefined : { requeueAfterMs: RETRY_MS }
    },
    watches: [
      {
        type: Pods,
        keys: (object, deleted) => {
          const pod = object as Pod
          loads.note(pod, deleted)
          placed.note(pod, deleted)
          if (deleted) waiting.delete(keyOf(pod))
          const alone = !deleted && !pod.spec.nodeName && pod.spec.affinity?.podAffinity !== undefined
          lonely[alone ? 'add' : 'delete'](keyOf(pod))
          if (deleted || isFinished(pod)) return all()
          // Somebody whom a waiting pod wants to be with may have come.
          if (pod.spec.nodeName) return [...lonely]
          return [keyOf(pod)]
        },
      },
      { type: Nodes, keys: all },
      { type: PersistentVolumeClaims, keys: all },
    ],
  })
  return running
}

/** What is known of the pods that have a node. */
interface Known {
  loads: NodeLoads
  placed: PlacedPods
}

function note({ loads, placed }: Known, pod: Pod, gone = false): void {
  loads.note(pod, gone)
  placed.note(pod, gone)
}

/** False when the pod has to wait. */
async function schedule(context: ControllerContext, known: Known, key: string): Promise<boolean> {
  const { api } = context
  const pod = await api.get<Pod>(Pods, parseKey(key))
  if (pod === null || pod.spec.nodeName || pod.metadata.deletionTimestamp !== undefined) return true
  // Held back until its gates are gone, which is a change of the pod; it says so itself.
  if ((pod.spec.schedulingGates ?? []).length > 0) return true
  const { items: nodes } = await api.list<Node>(Nodes)
  const claims = await claimsOf(context, pod)
  if (claims.refusal !== null) {
    // The real scheduler asks its preemption for a way out, which finds no node to look at.
    await refuse(context, pod, `0/${nodes.length} nodes are available: ${claims.refusal}. not found`)
    return false
  }
  const misfits: Misfit[][] = []
  for (const node of nodes) {
    const found = whyNot(pod, node, known.loads.on(node.metadata.name))
    const company = found.length > 0 ? null : known.placed.whyNot(pod, node, nodes)
    if (company !== null) found.push(company)
    if (found.length > 0) misfits.push(found)
    else if (claims.toBind.length === 0) {
      await bind(context, known, pod, node.metadata.name)
      return true
    } else {
      await selectNode(context, claims.toBind, node.metadata.name)
      return false
    }
  }
  await refuse(context, pod, messageOf(nodes.length, misfits))
  return false
}

async function bind({ api }: ControllerContext, known: Known, pod: Pod, node: string): Promise<void> {
  const { namespace, name } = pod.metadata
  const key = { namespace: namespace ?? '', name }
  // Taken from here on, before anybody else looks; the watch says it again.
  note(known, { ...pod, spec: { ...pod.spec, nodeName: node } })
  try {
    await api.bind(key, node)
  } catch (error) {
    const latest = await api.get<Pod>(Pods, key)
    const same = latest !== null && latest.metadata.uid === pod.metadata.uid
    note(known, same ? latest : pod, !same)
    throw error
  }
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

function messageOf(nodes: number, misfits: readonly Misfit[][]): string {
  if (nodes === 0) return 'no nodes available to schedule pods'
  const hope = (found: readonly Misfit[]) =>
    found.some((misfit) => misfit.final)
      ? 'Preemption is not helpful for scheduling'
      : 'No preemption victims found for incoming pod'
  const none = `0/${nodes} nodes are available`
  const reasons = counted(misfits.flatMap((found) => found.map(({ reason }) => reason)))
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
