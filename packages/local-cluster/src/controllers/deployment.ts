import type { Pod } from '../types/pod.ts'
import { isFinished } from '../types/pod-conditions.ts'
import { Deployments, Pods, ReplicaSets } from '../types/resources.ts'
import { controllerRef, ownedBy } from '../types/selectors.ts'
import { timestamp } from '../types/times.ts'
import type { Deployment, ReplicaSet } from '../types/workload.ts'
import { claim } from './claim.ts'
import { notePause, progressOfSet, writeDeploymentStatus } from './deployment-status.ts'
import { type ControllerContext, keyOf, ownerKeys, parseKey, runController } from './kind-controller.ts'
import {
  byCreation,
  DESIRED_REPLICAS,
  isScaling,
  MAX_REPLICAS,
  newSetReplicas,
  proportionalStep,
  REVISION,
  REVISION_HISTORY,
  replicasOf,
  revisionOf,
  rollingLimits,
  rollingStep,
  type ScalePlan,
  wanted,
} from './rolling.ts'
import { canonicalTemplate, HASH_LABEL, templateHash } from './template-hash.ts'

const COMPONENT = 'deployment-controller'

/** Deployments: one ReplicaSet for each template, rolled from one to the next. Reference: pkg/controller/deployment. */
export function runDeployments(context: ControllerContext) {
  return runController(context, {
    name: 'deployment',
    reconcile: (key) => reconcile(context, key),
    watches: [
      { type: Deployments, keys: (object) => [keyOf(object)] },
      { type: ReplicaSets, keys: (object, _deleted, previous) => ownerKeys(object, 'Deployment', previous) },
    ],
  })
}

async function reconcile(context: ControllerContext, key: string) {
  const { api } = context
  const stored = await api.get<Deployment>(Deployments, parseKey(key))
  if (stored === null) return undefined
  let deployment = stored
  let sets = await setsOf(context, deployment)
  if (deployment.metadata.deletionTimestamp === undefined) {
    deployment = await notePause(context, deployment)
    const fresh = sets.find((set) => sameTemplate(set, deployment)) ?? null
    if (deployment.spec.paused === true || isScaling(deployment, sets)) {
      await scale(context, deployment, sets, proportionalStep(deployment, fresh, sets))
    } else {
      ;({ deployment, sets } = await roll(context, deployment, fresh, sets))
    }
  }
  // Of the sets as they were before they were scaled: the change of a set leads to the next look, as in Kubernetes.
  const fresh = sets.find((set) => sameTemplate(set, deployment)) ?? null
  const result = await writeDeploymentStatus(context, deployment, fresh, sets)
  if (result.complete) await removeHistory(context, deployment, fresh, sets)
  return result.requeueAfterMs === undefined ? undefined : { requeueAfterMs: result.requeueAfterMs }
}

function setsOf(context: ControllerContext, deployment: Deployment): Promise<ReplicaSet[]> {
  return claim<ReplicaSet>(context, ReplicaSets, deployment, deployment.spec.selector)
}

async function roll(
  context: ControllerContext,
  deployment: Deployment,
  found: ReplicaSet | null,
  sets: ReplicaSet[],
): Promise<{ deployment: Deployment; sets: ReplicaSet[] }> {
  const old = sets.filter((set) => set.metadata.uid !== found?.metadata.uid)
  const recreate = deployment.spec.strategy?.type === 'Recreate'
  if (recreate && old.some((set) => replicasOf(set) > 0)) {
    await scale(context, deployment, sets, new Map(old.map((set) => [set.metadata.name, 0])))
    return { deployment, sets }
  }
  if (recreate && (await anyRunning(context, old))) return { deployment, sets }
  // That nothing runs any more is in the status before something new begins: old pods may be gone within a look.
  if (recreate && found === null && isAvailable(deployment) && !sets.some(hasAvailable)) return { deployment, sets }
  const fresh = found ?? (await createSet(context, deployment, sets))
  const current = await setRevision(context, deployment, fresh, { old, isNew: found === null })
  await scale(context, current, [fresh, ...old], rollingStep(current, fresh, old))
  return { deployment: current, sets: [fresh, ...old] }
}

const isAvailable = ({ status }: Deployment) => (status?.availableReplicas ?? 0) > 0
const hasAvailable = ({ status }: ReplicaSet) => (status?.availableReplicas ?? 0) > 0

async function anyRunning({ api }: ControllerContext, sets: ReplicaSet[]): Promise<boolean> {
  for (const set of sets) {
    const { items } = await api.list<Pod>(Pods, ownedBy(set))
    if (items.some((pod) => !isFinished(pod))) return true
  }
  return false
}

async function createSet(context: ControllerContext, deployment: Deployment, sets: ReplicaSet[]): Promise<ReplicaSet> {
  const { api } = context
  const { template } = deployment.spec
  const hash = templateHash(template)
  const labels = { ...template.metadata?.labels, [HASH_LABEL]: hash }
  const replicas = newSetReplicas(deployment, sets, 0)
  const set = await api.create<ReplicaSet>({
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${deployment.metadata.name}-${hash}`,
      namespace: deployment.metadata.namespace ?? '',
      labels,
      annotations: {
        ...inheritedAnnotations(deployment),
        [REVISION]: String(Math.max(0, ...sets.map(revisionOf)) + 1),
        ...scaleAnnotations(deployment),
      },
      ownerReferences: [controllerRef(deployment)],
    },
    spec: {
      replicas,
      minReadySeconds: deployment.spec.minReadySeconds,
      selector: {
        ...deployment.spec.selector,
        matchLabels: { ...deployment.spec.selector.matchLabels, [HASH_LABEL]: hash },
      },
      template: { ...structuredClone(template), metadata: { ...structuredClone(template.metadata), labels } },
    },
  } as Parameters<typeof api.create>[0])
  if (replicas > 0) await recordScaling(context, deployment, set.metadata.name, 0, replicas)
  return set
}

/**
 * The newest revision is the template that is wanted now: going back to an old template raises its revision. The
 * Deployment's own annotation is written with its status, so that it does not count as a change of what is wanted.
 */
async function setRevision(
  { api, now }: ControllerContext,
  deployment: Deployment,
  fresh: ReplicaSet,
  { old, isNew }: { old: ReplicaSet[]; isNew: boolean },
): Promise<Deployment> {
  const newest = Math.max(0, ...old.map(revisionOf))
  const revision = revisionOf(fresh) > newest ? revisionOf(fresh) : newest + 1
  await syncSet(api, deployment, fresh, revision)
  const present = deployment.status?.conditions ?? []
  const conditions = progressOfSet(deployment, fresh, isNew, timestamp(now()))
  const annotations = { ...deployment.metadata.annotations, [REVISION]: String(revision) }
  if (deployment.metadata.annotations?.[REVISION] === String(revision) && conditions === present) return deployment
  const { metadata, status, ...rest } = structuredClone(deployment)
  return api.updateStatus<Deployment>({
    ...rest,
    metadata: { ...metadata, annotations },
    status: { ...status, ...(conditions.length === 0 ? {} : { conditions: [...conditions] }) },
  } as Deployment)
}

/** What the set of the template that is wanted has of its Deployment: the revision, its annotations, and how long ready is too short. */
async function syncSet(api: ControllerContext['api'], deployment: Deployment, set: ReplicaSet, revision: number) {
  const { metadata, spec } = set
  const raised = revisionOf(set) === revision ? {} : { [REVISION]: String(revision), ...revisionHistory(set) }
  const inherited = Object.entries(inheritedAnnotations(deployment))
  const changed = inherited.filter(([key, value]) => metadata.annotations?.[key] !== value)
  const annotations = { ...Object.fromEntries(changed), ...raised }
  const { minReadySeconds = 0 } = deployment.spec
  if (Object.keys(annotations).length === 0 && (spec.minReadySeconds ?? 0) === minReadySeconds) return
  const key = { namespace: metadata.namespace ?? '', name: metadata.name }
  await api.patch(ReplicaSets, key, { type: 'merge', body: { metadata: { annotations }, spec: { minReadySeconds } } })
}

/** Longest text of revisions that a ReplicaSet keeps; the oldest go first. */
const MOST_HISTORY = 2000

/** The revisions that a template had before it was wanted again. Reference: SetNewReplicaSetAnnotations of deployment/util. */
function revisionHistory(set: ReplicaSet): Record<string, string> {
  const before = set.metadata.annotations?.[REVISION]
  if (before === undefined) return {}
  const known = set.metadata.annotations?.[REVISION_HISTORY] ?? ''
  const revisions = [...(known === '' ? [] : known.split(',')), before]
  while (revisions.length > 1 && revisions.join(',').length > MOST_HISTORY) revisions.shift()
  return { [REVISION_HISTORY]: revisions.join(',') }
}

async function scale(context: ControllerContext, deployment: Deployment, sets: ReplicaSet[], plan: ScalePlan) {
  const order = [...plan.keys()]
  // What is planned first is done and said first.
  const planned = sets.toSorted((a, b) => order.indexOf(a.metadata.name) - order.indexOf(b.metadata.name))
  for (const set of planned) {
    const replicas = plan.get(set.metadata.name) ?? replicasOf(set)
    const annotations = scaleAnnotations(deployment)
    const current = set.metadata.annotations ?? {}
    const annotated = replicas === 0 || Object.entries(annotations).every(([key, value]) => current[key] === value)
    if (replicas === replicasOf(set) && annotated) continue
    await context.api.patch(
      ReplicaSets,
      { namespace: set.metadata.namespace ?? '', name: set.metadata.name },
      { type: 'merge', body: { metadata: { annotations }, spec: { replicas } } },
    )
    if (replicas !== replicasOf(set)) {
      await recordScaling(context, deployment, set.metadata.name, replicasOf(set), replicas)
    }
  }
}

function recordScaling({ api }: ControllerContext, about: Deployment, set: string, from: number, to: number) {
  const message = `Scaled ${to > from ? 'up' : 'down'} replica set ${set} from ${from} to ${to}`
  return api.recordEvent({ about, type: 'Normal', reason: 'ScalingReplicaSet', message, component: COMPONENT })
}

/** Old ReplicaSets without pods, beyond the history that is kept; the oldest go. */
async function removeHistory(
  { api }: ControllerContext,
  deployment: Deployment,
  fresh: ReplicaSet | null,
  sets: ReplicaSet[],
) {
  const idle = sets.filter(
    (set) => set.metadata.uid !== fresh?.metadata.uid && replicasOf(set) === 0 && (set.status?.replicas ?? 0) === 0,
  )
  const limit = deployment.spec.revisionHistoryLimit ?? 10
  const excess = idle
    .sort((a, b) => revisionOf(a) - revisionOf(b) || byCreation(a, b))
    .slice(0, Math.max(0, idle.length - limit))
  for (const set of excess) {
    await api.delete(ReplicaSets, { namespace: set.metadata.namespace ?? '', name: set.metadata.name })
  }
}

function scaleAnnotations(deployment: Deployment): Record<string, string> {
  const replicas = wanted(deployment)
  return {
    [DESIRED_REPLICAS]: String(replicas),
    [MAX_REPLICAS]: String(replicas + rollingLimits(deployment).maxSurge),
  }
}

function inheritedAnnotations(deployment: Deployment): Record<string, string> {
  const own = new Set([
    REVISION,
    REVISION_HISTORY,
    DESIRED_REPLICAS,
    MAX_REPLICAS,
    'kubectl.kubernetes.io/last-applied-configuration',
  ])
  return Object.fromEntries(Object.entries(deployment.metadata.annotations ?? {}).filter(([key]) => !own.has(key)))
}

function sameTemplate(set: ReplicaSet, deployment: Deployment): boolean {
  return canonicalTemplate(set.spec.template) === canonicalTemplate(deployment.spec.template)
}
