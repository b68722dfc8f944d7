import type { Deployment, ReplicaSet } from '../types/workload.ts'

/** Annotations by which ReplicaSets remember what their Deployment wanted. */
export const REVISION = 'deployment.kubernetes.io/revision'
export const REVISION_HISTORY = 'deployment.kubernetes.io/revision-history'
export const DESIRED_REPLICAS = 'deployment.kubernetes.io/desired-replicas'
export const MAX_REPLICAS = 'deployment.kubernetes.io/max-replicas'

/** What one look at a Deployment scales: ReplicaSet name → replicas. */
export type ScalePlan = ReadonlyMap<string, number>

/** A number or a percentage of `total`. */
export function resolveCount(value: number | string | undefined, total: number, round: 'up' | 'down'): number {
  if (value === undefined) return 0
  if (typeof value === 'number') return value
  const exact = (Number.parseInt(value, 10) * total) / 100
  return round === 'up' ? Math.ceil(exact) : Math.floor(exact)
}

export interface RollingLimits {
  maxSurge: number
  maxUnavailable: number
}

/** Reference: ResolveFenceposts of pkg/controller/deployment/util. Both 0 would never move: one may be unavailable then. */
export function rollingLimits(deployment: Deployment): RollingLimits {
  const replicas = wanted(deployment)
  const rolling = deployment.spec.strategy?.rollingUpdate
  if (deployment.spec.strategy?.type === 'Recreate') return { maxSurge: 0, maxUnavailable: 0 }
  const maxSurge = resolveCount(rolling?.maxSurge ?? '25%', replicas, 'up')
  const maxUnavailable = resolveCount(rolling?.maxUnavailable ?? '25%', replicas, 'down')
  return { maxSurge, maxUnavailable: maxSurge === 0 && maxUnavailable === 0 ? 1 : Math.min(maxUnavailable, replicas) }
}

export const wanted = (deployment: Deployment) => deployment.spec.replicas ?? 1
export const replicasOf = (set: ReplicaSet) => set.spec.replicas ?? 1
const availableOf = (set: ReplicaSet) => set.status?.availableReplicas ?? 0
const sum = (sets: readonly ReplicaSet[], of: (set: ReplicaSet) => number) =>
  sets.reduce((total, set) => total + of(set), 0)

export const byCreation = (a: ReplicaSet, b: ReplicaSet) =>
  (a.metadata.creationTimestamp ?? '').localeCompare(b.metadata.creationTimestamp ?? '') ||
  revisionOf(a) - revisionOf(b) ||
  a.metadata.name.localeCompare(b.metadata.name)
export const revisionOf = (set: ReplicaSet) => Number(set.metadata.annotations?.[REVISION] ?? 0)

/** How many replicas the new set may have now, given what all have. Reference: NewRSNewReplicas. */
export function newSetReplicas(deployment: Deployment, all: readonly ReplicaSet[], current: number): number {
  if (deployment.spec.strategy?.type === 'Recreate') return wanted(deployment)
  const room = wanted(deployment) + rollingLimits(deployment).maxSurge - sum(all, replicasOf)
  if (room <= 0) return current
  return current + Math.min(room, Math.max(0, wanted(deployment) - current))
}

/** The next step of a rolling update: up with the new set, else down with the old ones. */
export function rollingStep(deployment: Deployment, fresh: ReplicaSet, old: readonly ReplicaSet[]): ScalePlan {
  const replicas = wanted(deployment)
  const current = replicasOf(fresh)
  if (current > replicas) return new Map([[fresh.metadata.name, replicas]])
  const up = newSetReplicas(deployment, [fresh, ...old], current)
  if (up !== current) return new Map([[fresh.metadata.name, up]])
  return scaleDownOld(deployment, fresh, old)
}

/** Unhealthy old pods go first, then healthy ones as far as enough stay available. */
function scaleDownOld(deployment: Deployment, fresh: ReplicaSet, old: readonly ReplicaSet[]): ScalePlan {
  const plan = new Map<string, number>()
  const minAvailable = wanted(deployment) - rollingLimits(deployment).maxUnavailable
  const newUnavailable = replicasOf(fresh) - availableOf(fresh)
  let removable = sum([fresh, ...old], replicasOf) - minAvailable - newUnavailable
  if (removable <= 0) return plan
  const oldest = [...old].sort(byCreation)
  for (const set of oldest) {
    if (removable <= 0) break
    if (replicasOf(set) === 0) continue
    const unhealthy = replicasOf(set) - availableOf(set)
    // Its status is of before it was scaled down: what is available now is not known yet.
    if (unhealthy < 0) return plan
    const count = Math.min(removable, unhealthy)
    if (count === 0) continue
    plan.set(set.metadata.name, replicasOf(set) - count)
    removable -= count
  }
  let spare = sum([fresh, ...old], availableOf) - minAvailable
  for (const set of oldest) {
    const left = plan.get(set.metadata.name) ?? replicasOf(set)
    const count = Math.min(left, spare)
    if (count <= 0) continue
    plan.set(set.metadata.name, left - count)
    spare -= count
  }
  return plan
}

/** True when the Deployment's own count has changed since its ReplicaSets were last scaled. */
export function isScaling(deployment: Deployment, sets: readonly ReplicaSet[]): boolean {
  return sets.some((set) => {
    const desired = set.metadata.annotations?.[DESIRED_REPLICAS]
    return replicasOf(set) > 0 && desired !== undefined && Number(desired) !== wanted(deployment)
  })
}

/**
 * Scales in the middle of a rollout: each set in proportion to its size, so that the risk stays spread as it is.
 * Reference: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#proportional-scaling
 */
export function proportionalStep(
  deployment: Deployment,
  fresh: ReplicaSet | null,
  all: readonly ReplicaSet[],
): ScalePlan {
  const active = all.filter((set) => replicasOf(set) > 0)
  const only =
    active.length === 0 ? (fresh ?? [...all].sort(byCreation).at(-1)) : active.length === 1 ? active[0] : null
  if (only)
    return replicasOf(only) === wanted(deployment) ? new Map() : new Map([[only.metadata.name, wanted(deployment)]])
  if (isSaturated(deployment, fresh)) {
    return new Map(active.filter((set) => set !== fresh).map((set) => [set.metadata.name, 0]))
  }
  if (deployment.spec.strategy?.type === 'Recreate') return new Map()
  const allowed = wanted(deployment) === 0 ? 0 : wanted(deployment) + rollingLimits(deployment).maxSurge
  const change = allowed - sum(active, replicasOf)
  // Of sets of one size the newer grows first, and the older shrinks first.
  const largest = [...active].sort(
    (a, b) => replicasOf(b) - replicasOf(a) || (change > 0 ? byCreation(b, a) : byCreation(a, b)),
  )
  let left = change
  const plan = new Map<string, number>()
  for (const set of largest) {
    const share = left === 0 ? 0 : shareOf(deployment, set, allowed)
    const taken = change > 0 ? Math.min(share, left) : Math.max(share, left)
    plan.set(set.metadata.name, replicasOf(set) + taken)
    left -= taken
  }
  const first = largest[0]
  if (first !== undefined) {
    plan.set(first.metadata.name, Math.max(0, (plan.get(first.metadata.name) ?? 0) + left))
  }
  return plan
}

/** How much a set grows or shrinks to be as large a part of the whole as before. Reference: getReplicaSetFraction. */
function shareOf(deployment: Deployment, set: ReplicaSet, allowed: number): number {
  if (allowed === 0) return -replicasOf(set)
  const before = Number(set.metadata.annotations?.[MAX_REPLICAS] ?? 0) || (deployment.status?.replicas ?? 0)
  return before === 0 ? 0 : Math.round((replicasOf(set) * allowed) / before) - replicasOf(set)
}

/** The new set has all that is wanted, available. */
function isSaturated(deployment: Deployment, fresh: ReplicaSet | null): boolean {
  if (fresh === null) return false
  const counts = [Number(fresh.metadata.annotations?.[DESIRED_REPLICAS] ?? -1), replicasOf(fresh), availableOf(fresh)]
  return counts.every((count) => count === wanted(deployment))
}
