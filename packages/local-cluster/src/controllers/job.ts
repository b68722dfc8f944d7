import { Jobs, Pods } from '../api/resources.ts'
import { type ControllerContext, keyOf, ownerKeys, parseKey, runController } from './kind-controller.ts'
import type { Condition, Job, Pod } from './objects.ts'
import { conditionOf, isActive, isReady, isTerminating, timestamp } from './pods.ts'
import { sorted, withoutZeros } from './replicaset.ts'
import { controllerRef, isControlledBy } from './selectors.ts'

const COMPONENT = 'job-controller'
const FIRST_BACKOFF_MS = 10_000
const LAST_BACKOFF_MS = 600_000

/** Jobs: pods until enough have succeeded. Reference: k8s.io/kubernetes/pkg/controller/job, ttlafterfinished. */
export function runJobs(context: ControllerContext) {
  return runController(context, {
    name: 'job',
    reconcile: (key) => reconcile(context, key),
    watches: [
      { type: Jobs, keys: (object) => [keyOf(object)] },
      { type: Pods, keys: (object) => ownerKeys(object, 'Job') },
    ],
  })
}

/** How a Job ends: the condition that says so. */
interface Verdict {
  type: 'Complete' | 'Failed'
  reason: string
  message: string
}

async function reconcile(context: ControllerContext, key: string) {
  const { api, now } = context
  const job = await api.get<Job>(Jobs, parseKey(key))
  if (job === null || job.metadata.deletionTimestamp !== undefined) return undefined
  const finished = finishedAt(job)
  if (finished !== null) return removeWhenOld(context, job, finished)
  const { items } = await api.list<Pod>(Pods, { namespace: job.metadata.namespace ?? '' })
  const pods = items.filter((pod) => isControlledBy(pod, job))
  const startTime = job.status?.startTime ?? timestamp(now())
  const verdict = verdictOf(job, pods, startTime, now())
  if (verdict !== null) {
    await deletePods(context, pods.filter(isActive))
    await writeStatus(context, job, pods, startTime, verdict)
    return undefined
  }
  const waitMs = job.spec.suspend === true ? await suspend(context, pods) : await createMissing(context, job, pods)
  const after = (await api.list<Pod>(Pods, { namespace: job.metadata.namespace ?? '' })).items
  await writeStatus(
    context,
    job,
    after.filter((pod) => isControlledBy(pod, job)),
    startTime,
    null,
  )
  return nextLook(job, startTime, waitMs, now())
}

const succeeded = (pods: readonly Pod[]) => pods.filter((pod) => pod.status?.phase === 'Succeeded').length
const failed = (pods: readonly Pod[]) => pods.filter((pod) => pod.status?.phase === 'Failed').length

function verdictOf(job: Job, pods: readonly Pod[], startTime: string, nowMs: number): Verdict | null {
  if (succeeded(pods) >= (job.spec.completions ?? 1)) {
    return { type: 'Complete', reason: 'CompletionsReached', message: 'Reached expected number of succeeded pods' }
  }
  if (failed(pods) > (job.spec.backoffLimit ?? 6)) {
    return { type: 'Failed', reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' }
  }
  const limit = job.spec.activeDeadlineSeconds
  if (limit !== undefined && nowMs >= Date.parse(startTime) + limit * 1000) {
    return { type: 'Failed', reason: 'DeadlineExceeded', message: 'Job was active longer than specified deadline' }
  }
  return null
}

async function suspend(context: ControllerContext, pods: Pod[]): Promise<null> {
  await deletePods(context, pods.filter(isActive))
  return null
}

/** Creates the pods that are missing; answers how long to wait where failures hold the next one back. */
async function createMissing(context: ControllerContext, job: Job, pods: Pod[]): Promise<number | null> {
  const { api, now } = context
  const active = pods.filter(isActive).length
  const open = (job.spec.completions ?? 1) - succeeded(pods)
  const missing = Math.min(job.spec.parallelism ?? 1, open) - active
  if (missing <= 0) return null
  const waitMs = backoffLeft(pods, now())
  if (waitMs > 0) return waitMs
  for (let index = 0; index < missing; index += 1) {
    const { template } = job.spec
    const pod = await api.create<Pod>({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        generateName: `${job.metadata.name}-`,
        namespace: job.metadata.namespace ?? '',
        labels: { ...template.metadata?.labels },
        annotations: { ...template.metadata?.annotations },
        ownerReferences: [controllerRef(job)],
      },
      spec: structuredClone(template.spec),
    } as Parameters<typeof api.create>[0])
    await api.recordEvent({
      about: job,
      type: 'Normal',
      reason: 'SuccessfulCreate',
      message: `Created pod: ${pod.metadata.name}`,
      component: COMPONENT,
    })
  }
  return null
}

/** Ten seconds after the first failure, doubling. */
function backoffLeft(pods: readonly Pod[], nowMs: number): number {
  const failures = pods.filter((pod) => pod.status?.phase === 'Failed')
  if (failures.length === 0) return 0
  const ends = failures.map((pod) =>
    Math.max(
      0,
      ...(pod.status?.containerStatuses ?? []).map(
        (status) => Date.parse(status.state.terminated?.finishedAt ?? '') || 0,
      ),
    ),
  )
  const delayMs = Math.min(FIRST_BACKOFF_MS * 2 ** (failures.length - 1), LAST_BACKOFF_MS)
  return Math.max(0, Math.max(...ends) + delayMs - nowMs)
}

async function deletePods({ api }: ControllerContext, pods: readonly Pod[]): Promise<void> {
  for (const pod of pods) {
    await api.delete(Pods, { namespace: pod.metadata.namespace ?? '', name: pod.metadata.name })
  }
}

async function writeStatus(
  { api, now }: ControllerContext,
  job: Job,
  pods: readonly Pod[],
  startTime: string,
  verdict: Verdict | null,
): Promise<void> {
  const time = timestamp(now())
  const active = pods.filter(isActive)
  const complete = verdict?.type === 'Complete'
  const running = verdict === null ? active.length : 0
  // Pods that a verdict ends count as failed once it is said.
  const failures = failed(pods) + (verdict?.type === 'Failed' ? active.length : 0)
  const status: NonNullable<Job['status']> = withoutZeros(
    {
      startTime,
      active: running,
      ready: verdict === null ? active.filter(isReady).length : 0,
      succeeded: succeeded(pods),
      failed: failures,
      terminating: verdict === null ? pods.filter((pod) => isTerminating(pod) && !isActive(pod)).length : 0,
      uncountedTerminatedPods: {},
      ...(complete ? { completionTime: time } : {}),
      conditions: verdict === null ? [...(job.status?.conditions ?? [])] : conditionsOf(verdict, time),
    },
    ['active', 'succeeded', 'failed'],
  )
  if (status.conditions?.length === 0) delete status.conditions
  if (JSON.stringify(sorted(status)) === JSON.stringify(sorted(job.status ?? {}))) return
  await api.updateStatus({ ...structuredClone(job), status } as Job)
  if (verdict === null) return
  await api.recordEvent({
    about: job,
    type: complete ? 'Normal' : 'Warning',
    reason: complete ? 'Completed' : verdict.reason,
    message: complete ? 'Job completed' : verdict.message,
    component: COMPONENT,
  })
}

function conditionsOf({ type, reason, message }: Verdict, time: string): Condition[] {
  const first = type === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget'
  return [first, type].map((each) => ({
    type: each,
    status: 'True',
    lastProbeTime: time,
    lastTransitionTime: time,
    reason,
    message,
  }))
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
    { propagationPolicy: 'Background' },
  )
  return undefined
}

function nextLook(job: Job, startTime: string, waitMs: number | null, nowMs: number) {
  const deadline = job.spec.activeDeadlineSeconds
  const waits = [
    ...(waitMs === null ? [] : [waitMs]),
    ...(deadline === undefined ? [] : [Math.max(0, Date.parse(startTime) + deadline * 1000 - nowMs)]),
  ]
  return waits.length === 0 ? undefined : { requeueAfterMs: Math.min(...waits) + 50 }
}
