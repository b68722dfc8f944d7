import type { Condition } from '../types/condition.ts'
import type { KubernetesObject } from '../types/objects.ts'
import type { Pod } from '../types/pod.ts'
import { conditionOf, isActive, isFinished, isReady, isTerminating } from '../types/pod-conditions.ts'
import { Jobs, Pods } from '../types/resources.ts'
import { same } from '../types/same.ts'
import { controllerOf, ownedBy } from '../types/selectors.ts'
import { timestamp } from '../types/times.ts'
import { setCondition } from './conditions.ts'
import type { Job, JobStatus } from './job-objects.ts'
import { deleteActive, managePods } from './job-pods.ts'
import { isTracked, letRestGo, releasePod, settle, type Tally, tallyOf, tallyStatus } from './job-tally.ts'
import { conditionsWith, type Verdict, verdictOf } from './job-verdict.ts'
import { type ControllerContext, keyOf, ownerKeys, parseKey, runController } from './kind-controller.ts'
import { withoutZeros } from './replicaset.ts'

const COMPONENT = 'job-controller'
const OURS = 'kubernetes.io/job-controller'

/** Jobs: pods until enough have succeeded. Reference: k8s.io/kubernetes/pkg/controller/job, ttlafterfinished. */
export function runJobs(context: ControllerContext) {
  const owners: Owners = new Map()
  return runController(context, {
    name: 'job',
    reconcile: (key) => reconcile(context, key, owners),
    watches: [
      { type: Jobs, keys: (object) => [keyOf(object)] },
      {
        type: Pods,
        keys: (object) => {
          const keys = ownerKeys(object, 'Job')
          const uid = controllerOf(object)?.uid
          if (uid === undefined && isTracked(object)) return [orphanKey(object)]
          if (uid !== undefined && isTracked(object)) for (const key of keys) noteOwner(owners, key, uid)
          return keys
        },
      },
    ],
  })
}

/** Uids of the Jobs, some of them gone, that pods which are still held belong to, by the Job's key. */
type Owners = Map<string, Set<string>>

function noteOwner(owners: Owners, key: string, uid: string): void {
  const known = owners.get(key)
  if (known === undefined) owners.set(key, new Set([uid]))
  else known.add(uid)
}

async function reconcile(context: ControllerContext, key: string, owners: Owners) {
  if (isOrphanKey(key)) return releaseOrphan(context, key)
  const { api, now } = context
  const job = await api.get<Job>(Jobs, parseKey(key))
  if (job === null || job.metadata.deletionTimestamp !== undefined) return releaseAll(context, key, owners)
  // Another controller sees to it.
  if ((job.spec.managedBy ?? OURS) !== OURS) return undefined
  const finished = finishedAt(job)
  if (finished !== null) {
    await releaseAll(context, key, owners)
    return removeWhenOld(context, job, finished)
  }
  const started = startAnew(context, job)
  const pods = await podsOf(context, job)
  const tally = tallyOf(started, pods)
  const startTime = started.status?.startTime ?? timestamp(now())
  const verdict = verdictOf(started, tally, pods, startTime, now())
  const { waitMs, refusal } =
    verdict === null
      ? await managePods(context, started, pods, tally)
      : { waitMs: null, refusal: await deleteActive(context, started, pods).then(() => null) }
  const counted = verdict === null ? await saySuspension(context, started) : started
  await track(context, counted, tally, verdict)
  if (refusal !== null) throw new Error(refusal)
  return nextLook(started, startTime, waitMs, now())
}

async function podsOf({ api }: ControllerContext, job: Job): Promise<Pod[]> {
  return (await api.list<Pod>(Pods, ownedBy(job))).items
}

/** Pods that a Job left behind have keys of their own: no name holds a colon. */
const ORPHAN = '/orphan:'
const orphanKey = ({ metadata }: KubernetesObject) => `${metadata.namespace ?? ''}${ORPHAN}${metadata.name}`
const isOrphanKey = (key: string) => key.includes(ORPHAN)

/** Nobody counts a pod that belongs to no one: it may go. Reference: syncOrphanPod of pkg/controller/job. */
async function releaseOrphan(context: ControllerContext, key: string): Promise<undefined> {
  const [namespace = '', name = ''] = key.split(ORPHAN)
  const pod = await context.api.get<Pod>(Pods, { namespace, name })
  if (pod !== null && isTracked(pod) && controllerOf(pod) === undefined) await releasePod(context, pod)
}

/** The pods of a Job that is gone, or is done counting, may go. */
async function releaseAll(context: ControllerContext, key: string, owners: Owners): Promise<undefined> {
  const { namespace } = parseKey(key)
  const uids = owners.get(key) ?? []
  owners.delete(key)
  for (const controlledBy of uids) {
    try {
      const { items } = await context.api.list<Pod>(Pods, { namespace, controlledBy })
      for (const pod of items) if (isTracked(pod)) await releasePod(context, pod)
    } catch (error) {
      noteOwner(owners, key, controlledBy)
      throw error
    }
  }
}

/** Whether the Job has begun to rest, or to go on, and this has not been said yet. */
function isTurning(job: Job): boolean {
  const said = conditionOf(job.status?.conditions, 'Suspended')?.status === 'True'
  return said !== (job.spec.suspend === true)
}

/** A Job that goes on starts anew: its deadline counts from now. */
function startAnew({ now }: ControllerContext, job: Job): Job {
  if (job.spec.suspend === true || !isTurning(job)) return job
  return { ...job, status: { ...job.status, startTime: timestamp(now()) } }
}

/** The Job with the condition that says whether it rests, after its pods were seen to. One that rests has no start. */
async function saySuspension({ api, now }: ControllerContext, job: Job): Promise<Job> {
  if (!isTurning(job)) return job
  const time = timestamp(now())
  const present = job.status?.conditions ?? []
  const rests = job.spec.suspend === true
  const [status, reason] = rests ? (['True', 'JobSuspended'] as const) : (['False', 'JobResumed'] as const)
  const message = rests ? 'Job suspended' : 'Job resumed'
  const next: Condition = { type: 'Suspended', status, lastProbeTime: time, reason, message }
  const conditions = [...setCondition(present, next, time)]
  const event = { type: 'Normal' as const, reason: rests ? 'Suspended' : 'Resumed', message, component: COMPONENT }
  await api.recordEvent({ about: job, ...event })
  const { startTime, ...others } = job.status ?? {}
  return { ...job, status: { ...others, conditions, ...(rests || startTime === undefined ? {} : { startTime }) } }
}

/** Writes what has ended by uid, lets those pods go, and writes the counts: no pod is counted twice or lost. */
async function track(context: ControllerContext, job: Job, tally: Tally, verdict: Verdict | null): Promise<void> {
  const pods = await podsOf(context, job)
  if (verdict !== null) letRestGo(tally, pods, verdict.type === 'Failed')
  const ended = pods.filter((pod) => isTracked(pod) && tally.ended.has(pod.metadata.uid ?? ''))
  const listed = tally.uncounted.succeeded.length + tally.uncounted.failed.length > 0
  const terminating = pods.some((pod) => isTerminating(pod) && !isFinished(pod))
  const final = verdict !== null && !terminating && !pods.some(isActive)
  let current = job
  if (listed || !final) current = await writeStatus(context, job, pods, tally, verdict, false)
  for (const pod of ended) await releasePod(context, pod)
  if (!listed && !final) return
  settle(tally, () => true)
  const after = await podsOf(context, job)
  const gone = !after.some((pod) => isActive(pod) || (isTerminating(pod) && !isFinished(pod)))
  await writeStatus(context, current, after, tally, verdict, verdict !== null && gone)
  if (verdict === null || !gone) return
  const complete = verdict.type === 'Complete'
  await context.api.recordEvent({
    about: job,
    type: complete ? 'Normal' : 'Warning',
    reason: complete ? 'Completed' : verdict.reason,
    message: complete ? 'Job completed' : verdict.message,
    component: COMPONENT,
  })
}

async function writeStatus(
  { api, now }: ControllerContext,
  job: Job,
  pods: readonly Pod[],
  tally: Tally,
  verdict: Verdict | null,
  final: boolean,
): Promise<Job> {
  const time = timestamp(now())
  const active = pods.filter(isActive)
  const conditions = conditionsWith(job, verdict, final, time)
  const startTime = job.status?.startTime ?? (job.spec.suspend === true ? undefined : time)
  const status: JobStatus = withoutZeros(
    {
      ...(startTime === undefined ? {} : { startTime }),
      active: active.length,
      ready: active.filter(isReady).length,
      terminating: pods.filter((pod) => isTerminating(pod) && !isFinished(pod)).length,
      ...tallyStatus(job, tally),
      ...(final && verdict?.type === 'Complete' ? { completionTime: time } : {}),
      ...(conditions.length === 0 ? {} : { conditions }),
    },
    ['active', 'succeeded', 'failed'],
  )
  const stored = await api.get<Job>(Jobs, { namespace: job.metadata.namespace ?? '', name: job.metadata.name })
  if (same(status, stored?.status ?? {})) return { ...job, status }
  return api.updateStatus<Job>({ ...structuredClone(job), status } as Job)
}

/** When the Job ended, null while it has not. */
export function finishedAt(job: Job): number | null {
  for (const type of ['Complete', 'Failed']) {
    const condition = conditionOf(job.status?.conditions, type)
    if (condition?.status === 'True') return Date.parse(condition.lastTransitionTime ?? '')
  }
  return null
}

async function removeWhenOld({ api, now }: ControllerContext, job: Job, finishedAtMs: number) {
  const ttl = job.spec.ttlSecondsAfterFinished
  if (ttl === undefined) return undefined
  const leftMs = finishedAtMs + ttl * 1000 - now()
  if (leftMs > 0) return { requeueAfterMs: leftMs + 50 }
  await api.delete(
    Jobs,
    { namespace: job.metadata.namespace ?? '', name: job.metadata.name },
    { propagationPolicy: 'Foreground', preconditions: { uid: job.metadata.uid ?? '' } },
  )
  return undefined
}

function nextLook(job: Job, startTime: string, waitMs: number | null, nowMs: number) {
  const deadline = job.spec.suspend === true ? undefined : job.spec.activeDeadlineSeconds
  const waits = [
    ...(waitMs === null ? [] : [waitMs]),
    ...(deadline === undefined ? [] : [Math.max(0, Date.parse(startTime) + deadline * 1000 - nowMs)]),
  ]
  return waits.length === 0 ? undefined : { requeueAfterMs: Math.min(...waits) + 50 }
}
