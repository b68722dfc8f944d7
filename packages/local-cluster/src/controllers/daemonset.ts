import type { Pod } from '../types/pod.ts'
import { isFinished, isTerminating } from '../types/pod-conditions.ts'
import { DaemonSets, Nodes, Pods } from '../types/resources.ts'
import { claim } from './claim.ts'
import { COMPONENT, createDaemon, type Daemons, nodeOf, podsOn, REVISION_LABEL, shouldRunOn } from './daemonset-pods.ts'
import { writeDaemonSetStatus } from './daemonset-status.ts'
import { updateDaemons } from './daemonset-update.ts'
import { syncHistory, trimHistory } from './history.ts'
import { type ControllerContext, keyOf, ownerKeys, parseKey, runController } from './kind-controller.ts'
import type { Node } from './node-fit.ts'
import { deleteOwnedPod } from './pod-control.ts'
import type { DaemonSet } from './workload-objects.ts'

/** Pause before a pod that failed is made again, doubling. Reference: the failed-pods back-off of pkg/controller/daemon. */
const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 15 * 60_000

/** DaemonSets: one pod on every node that is fit for it. Reference: k8s.io/kubernetes/pkg/controller/daemon. */
export function runDaemonSets(context: ControllerContext) {
  const known = new Set<string>()
  const pauses = new Map<string, { untilMs: number; pauseMs: number }>()
  return runController(context, {
    name: 'daemonset',
    reconcile: (key) => reconcile(context, key, pauses),
    watches: [
      {
        type: DaemonSets,
        keys: (object, deleted) => {
          if (deleted) known.delete(keyOf(object))
          else known.add(keyOf(object))
          return [keyOf(object)]
        },
      },
      { type: Pods, keys: (object) => ownerKeys(object, 'DaemonSet') },
      { type: Nodes, keys: () => [...known] },
    ],
  })
}

type Pauses = Map<string, { untilMs: number; pauseMs: number }>

async function reconcile(context: ControllerContext, key: string, pauses: Pauses) {
  const { api } = context
  const set = await api.get<DaemonSet>(DaemonSets, parseKey(key))
  if (set === null) {
    pauses.delete(key)
    return undefined
  }
  const nodes = (await api.list<Node>(Nodes)).items
  const history = await syncHistory(context, set, REVISION_LABEL)
  const hash = history.newest.metadata.labels?.[REVISION_LABEL] ?? ''
  const look = async (): Promise<Daemons> => ({
    set,
    nodes,
    hash,
    pods: await claim<Pod>(context, Pods, set, set.spec.selector),
  })
  let waitMs: number | null = null
  let refusal: string | null = null
  if (set.metadata.deletionTimestamp === undefined) {
    const managed = await manage(context, await look(), pauses.get(key)?.untilMs ?? 0)
    refusal = managed.refusal
    waitMs = managed.failed ? pause(context, pauses, key) : managed.waitMs
    if (refusal === null) refusal = await updateDaemons(context, await look())
  }
  const after = await look()
  const availableInMs = await writeDaemonSetStatus(context, after)
  const used = new Set(after.pods.map((pod) => pod.metadata.labels?.[REVISION_LABEL]))
  await trimHistory(context, set, history.all, (revision) => {
    return revision === history.newest || used.has(revision.metadata.labels?.[REVISION_LABEL])
  })
  if (refusal !== null) throw new Error(refusal)
  const waits = [waitMs, availableInMs].filter((wait) => wait !== null)
  return waits.length === 0 ? undefined : { requeueAfterMs: Math.min(...waits) + 50 }
}

/** Creates and deletes what is missing and too much on each node, whatever its template. */
async function manage(context: ControllerContext, daemons: Daemons, pausedUntilMs: number) {
  const { set, nodes } = daemons
  let failed = false
  let waitMs: number | null = null
  for (const node of nodes) {
    const pods = podsOn(daemons, node)
    const wanted = shouldRunOn(set, node)
    for (const pod of pods.filter((each) => wanted && isFinished(each) && !isTerminating(each))) {
      await removeFinished(context, set, pod)
      failed = true
    }
    const going = pods.filter((pod) => !isTerminating(pod) && !isFinished(pod))
    for (const pod of wanted ? surplus(going, daemons) : going) await deleteOwnedPod(context, set, pod, COMPONENT)
    if (!wanted || pods.length > 0) continue
    const leftMs = pausedUntilMs - context.now()
    if (leftMs > 0) waitMs = leftMs
    else {
      const refusal = await createDaemon(context, daemons, node)
      if (refusal !== null) return { failed, waitMs, refusal }
    }
  }
  // Pods of nodes that are gone.
  const names = new Set(nodes.map(({ metadata }) => metadata.name))
  for (const pod of daemons.pods) {
    const node = nodeOf(pod)
    if (node !== undefined && !names.has(node) && !isTerminating(pod))
      await deleteOwnedPod(context, set, pod, COMPONENT)
  }
  return { failed, waitMs, refusal: null }
}

/** All but the oldest of each template: while an update surges there are two. */
function surplus(pods: readonly Pod[], { hash }: Daemons): Pod[] {
  const isNew = (pod: Pod) => pod.metadata.labels?.[REVISION_LABEL] === hash
  const oldestFirst = [...pods].sort((a, b) =>
    (a.metadata.creationTimestamp ?? '').localeCompare(b.metadata.creationTimestamp ?? ''),
  )
  return [oldestFirst.filter(isNew).slice(1), oldestFirst.filter((pod) => !isNew(pod)).slice(1)].flat()
}

async function removeFinished(context: ControllerContext, set: DaemonSet, pod: Pod): Promise<void> {
  const failed = pod.status?.phase === 'Failed'
  const about = `daemon pod ${pod.metadata.namespace ?? ''}/${pod.metadata.name} on node ${pod.spec.nodeName ?? ''}`
  await context.api.recordEvent({
    about: set,
    type: failed ? 'Warning' : 'Normal',
    reason: failed ? 'FailedDaemonPod' : 'SucceededDaemonPod',
    message: failed ? `Found failed ${about}, will try to kill it` : `Found succeeded ${about}, will try to delete it`,
    component: COMPONENT,
  })
  await deleteOwnedPod(context, set, pod, COMPONENT)
}

function pause({ now }: ControllerContext, pauses: Pauses, key: string): number {
  const known = pauses.get(key)
  const quietMs = known === undefined ? 0 : now() - known.untilMs
  const pauseMs =
    known === undefined || quietMs > 2 * known.pauseMs ? FIRST_PAUSE_MS : Math.min(known.pauseMs * 2, LONGEST_PAUSE_MS)
  pauses.set(key, { pauseMs, untilMs: now() + pauseMs })
  return pauseMs
}
