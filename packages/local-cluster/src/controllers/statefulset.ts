import type { Pod } from '../types/pod.ts'
import { isFinished, isTerminating } from '../types/pod-conditions.ts'
import { Pods, StatefulSets } from '../types/resources.ts'
import { claim } from './claim.ts'
import { atRevision, syncHistory, trimHistory } from './history.ts'
import { type ControllerContext, keyOf, ownerKeys, parseKey, runController } from './kind-controller.ts'
import { slowStart } from './pod-control.ts'
import { createClaims, hasStaleClaim, retainClaims } from './statefulset-claims.ts'
import {
  availabilityIn,
  firstOrdinal,
  isUnavailable,
  isWanted,
  ordinalOf,
  podNameOf,
  podOf,
  replicasOf,
  revisionOf,
} from './statefulset-pods.ts'
import { countPods, type Revisions, writeStatefulSetStatus } from './statefulset-status.ts'
import type { ControllerRevision, StatefulSet } from './workload-objects.ts'

const COMPONENT = 'statefulset-controller'
const HISTORY_LABEL = 'controller.kubernetes.io/hash'

/**
 * StatefulSets: pods with a number, a name and volumes of their own, one after the other.
 * Reference: k8s.io/kubernetes/pkg/controller/statefulset.
 */
export function runStatefulSets(context: ControllerContext) {
  return runController(context, {
    name: 'statefulset',
    reconcile: (key) => reconcile(context, key),
    watches: [
      { type: StatefulSets, keys: (object) => [keyOf(object)] },
      { type: Pods, keys: (object) => ownerKeys(object, 'StatefulSet') },
    ],
  })
}

/** One look at a set: what it found, and what it goes by. */
interface Look {
  set: StatefulSet
  /** By ordinal, from the first: the pod, or null where there is none. */
  slots: (Pod | null)[]
  /** Pods beyond the wanted numbers, highest first. */
  condemned: Pod[]
  /** The pod that holds the others back: it may go although it is not available. */
  firstUnavailable: Pod | null
  current: ControllerRevision
  update: ControllerRevision
  ordered: boolean
}

async function reconcile(context: ControllerContext, key: string) {
  const set = await context.api.get<StatefulSet>(StatefulSets, parseKey(key))
  if (set === null) return undefined
  const pods = await claim<Pod>(context, Pods, set, set.spec.selector, {
    belongs: (pod) => ordinalOf(set, pod.metadata.name) !== null,
  })
  const history = await syncHistory(context, set, HISTORY_LABEL)
  const current = history.all.find(({ metadata }) => metadata.name === set.status?.currentRevision) ?? history.newest
  const revisions: Revisions = {
    current: current.metadata.name,
    update: history.newest.metadata.name,
    collisionCount: history.collisionCount,
  }
  const counts = countPods(context, set, pods, revisions)
  try {
    if (set.metadata.deletionTimestamp === undefined) {
      const look = lookAt(context, set, pods, current, history.newest)
      // A pod that an update ends stops being a current one at once.
      if (await step(context, look)) counts.currentReplicas -= 1
    }
  } finally {
    await writeStatefulSetStatus(context, set, counts, revisions)
  }
  const running = new Set([revisions.current, revisions.update, ...pods.map(revisionOf)])
  await trimHistory(context, set, history.all, ({ metadata }) => running.has(metadata.name))
  return nextLook(context, set, pods)
}

function lookAt(
  context: ControllerContext,
  set: StatefulSet,
  pods: readonly Pod[],
  current: ControllerRevision,
  update: ControllerRevision,
): Look {
  const first = firstOrdinal(set)
  const byName = new Map(pods.map((pod) => [pod.metadata.name, pod]))
  const slots = Array.from({ length: replicasOf(set) }, (_, index) => byName.get(podNameOf(set, first + index)) ?? null)
  const number = (pod: Pod) => ordinalOf(set, pod.metadata.name) ?? 0
  const condemned = pods.filter((pod) => !isWanted(set, pod)).sort((a, b) => number(b) - number(a))
  const unavailable = [...slots, ...condemned.toReversed()].find((pod) => isUnavailable(context, set, pod))
  const ordered = set.spec.podManagementPolicy !== 'Parallel'
  return { set, slots, condemned, firstUnavailable: unavailable ?? null, current, update, ordered }
}

/** Takes the next step towards what is wanted. True when it ended a pod of the current revision for an update. */
async function step(context: ControllerContext, look: Look): Promise<boolean> {
  if (await forEach(look, look.slots, (pod, index) => keepReplica(context, look, pod, index))) return false
  for (const pod of look.condemned) await retainClaims(context, look.set, pod)
  if (await forEach(look, look.condemned, (pod) => removeCondemned(context, look, pod))) return false
  return rollUpdate(context, look)
}

/** In order: stops at the first that says so. In parallel: all of them. A refusal is thrown by `visit`. */
async function forEach<T>(look: Look, items: readonly T[], visit: (item: T, index: number) => Promise<boolean>) {
  if (look.ordered) {
    for (const [index, item] of items.entries()) if (await visit(item, index)) return true
    return false
  }
  await slowStart(items.length, async (index) => {
    const item = items[index]
    if (item !== undefined) await visit(item, index)
    return null
  })
  return false
}

/** Brings one of the wanted pods along; true where those after it have to wait. */
async function keepReplica(context: ControllerContext, look: Look, pod: Pod | null, index: number): Promise<boolean> {
  const { set, ordered } = look
  if (pod === null) {
    await createReplica(context, look, firstOrdinal(set) + index)
    return true
  }
  if (isFinished(pod)) {
    if (!isTerminating(pod)) await deletePod(context, set, pod)
    return true
  }
  if (pod.status?.phase === 'Pending') await createClaims(context, set, pod.metadata.name)
  if (ordered && (isTerminating(pod) || availabilityIn(context, set, pod) !== 0)) return true
  if (!isTerminating(pod)) await retainClaims(context, set, pod)
  return false
}

async function createReplica(context: ControllerContext, look: Look, ordinal: number): Promise<void> {
  const { set } = look
  const name = podNameOf(set, ordinal)
  if (await hasStaleClaim(context, set, name)) return
  const rolling = set.spec.updateStrategy?.type === 'RollingUpdate'
  const isOld = rolling && ordinal < firstOrdinal(set) + (set.spec.updateStrategy?.rollingUpdate?.partition ?? 0)
  const revision = isOld ? look.current : look.update
  await createClaims(context, set, name)
  const about = `Pod ${name} in StatefulSet ${set.metadata.name}`
  try {
    const pod = await context.api.create<Pod>(podOf(atRevision(set, revision), ordinal, revision.metadata.name))
    await retainClaims(context, set, pod)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    await record(context, set, 'Warning', 'FailedCreate', `Create ${about} failed error: ${why}`)
    throw error
  }
  await record(context, set, 'Normal', 'SuccessfulCreate', `Create ${about} successful`)
}

/** Ends a pod that is one too many; true where the next has to wait. */
async function removeCondemned(context: ControllerContext, look: Look, pod: Pod): Promise<boolean> {
  const { set, ordered, firstUnavailable } = look
  if (isTerminating(pod)) return ordered
  const blocked = ordered && availabilityIn(context, set, pod) !== 0 && pod !== firstUnavailable
  if (!blocked) await deletePod(context, set, pod)
  return true
}

/** Ends the highest pod of an old revision, once those above it are available. */
async function rollUpdate(context: ControllerContext, look: Look): Promise<boolean> {
  const { set, slots, update } = look
  if (set.spec.updateStrategy?.type === 'OnDelete') return false
  const lowest = set.spec.updateStrategy?.rollingUpdate?.partition ?? 0
  for (const pod of slots.slice(lowest).toReversed()) {
    if (pod !== null && revisionOf(pod) !== update.metadata.name && !isTerminating(pod)) {
      await deletePod(context, set, pod)
      return revisionOf(pod) === look.current.metadata.name
    }
    if (isUnavailable(context, set, pod)) return false
  }
  return false
}

async function deletePod(context: ControllerContext, set: StatefulSet, pod: Pod): Promise<void> {
  const { name, uid = '' } = pod.metadata
  await context.api.delete(Pods, { namespace: set.metadata.namespace ?? '', name }, { preconditions: { uid } })
  const message = `Delete Pod ${name} in StatefulSet ${set.metadata.name} successful`
  await record(context, set, 'Normal', 'SuccessfulDelete', message)
}

function record(
  context: ControllerContext,
  set: StatefulSet,
  type: 'Normal' | 'Warning',
  reason: string,
  message: string,
) {
  return context.api.recordEvent({ about: set, type, reason, message, component: COMPONENT })
}

/** When a pod that is ready becomes available without any other change. */
function nextLook(context: ControllerContext, set: StatefulSet, pods: readonly Pod[]) {
  const waits = pods.map((pod) => availabilityIn(context, set, pod) ?? 0).filter((wait) => wait > 0)
  return waits.length === 0 ? undefined : { requeueAfterMs: Math.min(...waits) + 50 }
}
