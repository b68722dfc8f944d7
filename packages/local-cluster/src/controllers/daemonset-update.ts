import type { Pod } from '../types/pod.ts'
import { availableIn, isTerminating } from '../types/pod-conditions.ts'
import { COMPONENT, createDaemon, type Daemons, podsOn, REVISION_LABEL, shouldRunOn } from './daemonset-pods.ts'
import type { ControllerContext } from './kind-controller.ts'
import { deleteOwnedPod } from './pod-control.ts'
import { resolveCount } from './rolling.ts'

/**
 * Replaces pods of an old template, as many at once as may be unavailable, or beside them where the update surges.
 * Answers the message of a create that was refused. Reference: pkg/controller/daemon/update.go.
 */
export async function updateDaemons(context: ControllerContext, daemons: Daemons): Promise<string | null> {
  const { set, hash } = daemons
  if (set.spec.updateStrategy?.type === 'OnDelete') return null
  const nodes = daemons.nodes.filter((node) => shouldRunOn(set, node))
  const rolling = set.spec.updateStrategy?.rollingUpdate ?? {}
  const maxSurge = resolveCount(rolling.maxSurge ?? 0, nodes.length, 'up')
  const maxUnavailable = maxSurge > 0 ? 0 : Math.max(1, resolveCount(rolling.maxUnavailable ?? 1, nodes.length, 'up'))
  const isAvailable = (pod: Pod) => availableIn(pod, set.spec.minReadySeconds ?? 0, context.now()) === 0
  let unavailable = 0
  let surging = 0
  const candidates: { node: (typeof nodes)[number]; old: Pod }[] = []
  for (const node of nodes) {
    const pods = podsOn(daemons, node).filter((pod) => !isTerminating(pod))
    const fresh = pods.find((pod) => pod.metadata.labels?.[REVISION_LABEL] === hash)
    const old = pods.find((pod) => pod !== fresh)
    if (old === undefined) {
      if (fresh === undefined || !isAvailable(fresh)) unavailable += 1
    } else if (fresh !== undefined) {
      if (isAvailable(fresh) || !isAvailable(old)) await deleteOwnedPod(context, set, old, COMPONENT)
      else surging += 1
    } else if (maxSurge === 0 && !isAvailable(old)) {
      // It serves nobody: it may go whatever else is unavailable.
      unavailable += 1
      await deleteOwnedPod(context, set, old, COMPONENT)
    } else candidates.push({ node, old })
  }
  if (maxSurge === 0) {
    for (const { old } of candidates.slice(0, Math.max(0, maxUnavailable - unavailable))) {
      await deleteOwnedPod(context, set, old, COMPONENT)
    }
    return null
  }
  for (const { node } of candidates.slice(0, Math.max(0, maxSurge - surging))) {
    const refusal = await createDaemon(context, daemons, node)
    if (refusal !== null) return refusal
  }
  return null
}
