import type { Container } from '../types/container.ts'
import type { Pod, PodTemplate } from '../types/pod.ts'
import { deletionOrder, isActive, isFinished, isTerminating } from '../types/pod-conditions.ts'
import { FAILURES_ANNOTATION, failuresOfIndex, INDEX_KEY, indexOf, isIndexed } from './job-indexes.ts'
import type { Job } from './job-objects.ts'
import { countsAsFailure, isTracked, releasePod, succeededSoFar, type Tally, TRACKING_FINALIZER } from './job-tally.ts'
import type { ControllerContext } from './kind-controller.ts'
import { createOwnedPod, deleteOwnedPod, slowStart } from './pod-control.ts'

const COMPONENT = 'job-controller'
/** Most pods created in one look. */
const BURST = 500
const FIRST_BACKOFF_MS = 10_000
const LAST_BACKOFF_MS = 600_000

export interface Managed {
  /** How long failures hold the next pod back. */
  waitMs: number | null
  /** Message of a create that was refused. */
  refusal: string | null
}

/** Brings the number of running pods to what is wanted now. Reference: manageJob of pkg/controller/job. */
export async function managePods(context: ControllerContext, job: Job, pods: Pod[], tally: Tally): Promise<Managed> {
  const active = pods.filter(isActive)
  const none: Managed = { waitMs: null, refusal: null }
  if (job.spec.suspend === true) {
    await endPods(context, job, active)
    return none
  }
  const wanted = wantedPods(job, active.length, tally)
  if (active.length > wanted) {
    await endPods(context, job, [...active].sort(deletionOrder).slice(0, active.length - wanted))
    return none
  }
  const onlyFailed = job.spec.podReplacementPolicy === 'Failed'
  const terminating = onlyFailed ? pods.filter((pod) => isTerminating(pod) && !isFinished(pod)).length : 0
  const missing = Math.min(wanted - terminating - active.length, BURST)
  if (missing <= 0) return none
  const waitMs = job.spec.backoffLimitPerIndex === undefined ? backoffLeft(context, job, pods) : 0
  if (waitMs > 0) return { waitMs, refusal: null }
  const refusal = isIndexed(job)
    ? await createIndexed(context, job, pods, tally, missing)
    : await slowStart(missing, () =>
        createOwnedPod(context, job, job.spec.template, COMPONENT, { finalizers: [TRACKING_FINALIZER] }),
      )
  return { waitMs: null, refusal }
}

function wantedPods(job: Job, active: number, tally: Tally): number {
  const { completions, parallelism = 1 } = job.spec
  // A work queue: once one has succeeded, no more are started.
  if (completions === undefined) return succeededSoFar(tally) > 0 ? active : parallelism
  return Math.max(0, Math.min(parallelism, completions - succeededSoFar(tally) - tally.failedIndexes.size))
}

/** Ends pods that are not wanted any more: they are neither successes nor failures. */
async function endPods(context: ControllerContext, job: Job, pods: readonly Pod[]): Promise<void> {
  for (const pod of pods) {
    if (isTracked(pod)) await releasePod(context, pod)
    await deleteOwnedPod(context, job, pod, COMPONENT)
  }
}

/** Ends the pods of a Job that has ended; they count as failed. */
export async function deleteActive(context: ControllerContext, job: Job, pods: readonly Pod[]): Promise<void> {
  for (const pod of pods.filter(isActive)) await deleteOwnedPod(context, job, pod, COMPONENT)
}

function createIndexed(context: ControllerContext, job: Job, pods: readonly Pod[], tally: Tally, missing: number) {
  const taken = new Set(pods.filter((pod) => isActive(pod)).map(indexOf))
  const open: number[] = []
  for (let index = 0; index < (job.spec.completions ?? 0) && open.length < missing; index += 1) {
    if (!taken.has(index) && !tally.completed.has(index) && !tally.failedIndexes.has(index)) open.push(index)
  }
  return slowStart(open.length, async (position) => {
    const index = open[position] ?? 0
    const failures = failuresOfIndex(pods, index, (pod) => countsAsFailure(job, pod))
    const perIndex = job.spec.backoffLimitPerIndex !== undefined
    const name = `${job.metadata.name}-${index}`
    return createOwnedPod(context, job, indexedTemplate(job, name), COMPONENT, {
      generateName: `${name}-`,
      labels: { [INDEX_KEY]: String(index) },
      annotations: { [INDEX_KEY]: String(index), ...(perIndex ? { [FAILURES_ANNOTATION]: String(failures) } : {}) },
      finalizers: [TRACKING_FINALIZER],
    })
  })
}

/** The template with the index where the program finds it: its host name and JOB_COMPLETION_INDEX. */
function indexedTemplate(job: Job, hostname: string): PodTemplate {
  const { template } = job.spec
  const variable = {
    name: 'JOB_COMPLETION_INDEX',
    valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: `metadata.labels['${INDEX_KEY}']` } },
  }
  const withIndex = (container: Container) =>
    container.env?.some(({ name }) => name === variable.name)
      ? container
      : { ...container, env: [...(container.env ?? []), variable] }
  const { spec } = template
  return {
    ...template,
    spec: {
      ...spec,
      hostname,
      containers: spec.containers.map(withIndex),
      ...(spec.initContainers === undefined ? {} : { initContainers: spec.initContainers.map(withIndex) }),
    },
  }
}

/** Ten seconds after the first failure, doubling with each one since the last success. */
function backoffLeft({ now }: ControllerContext, job: Job, pods: readonly Pod[]): number {
  const endOf = (pod: Pod) =>
    Math.max(
      0,
      ...(pod.status?.containerStatuses ?? []).map(({ state }) => Date.parse(state.terminated?.finishedAt ?? '') || 0),
    )
  const lastSuccess = Math.max(0, ...pods.filter((pod) => pod.status?.phase === 'Succeeded').map(endOf))
  const failures = pods.filter((pod) => countsAsFailure(job, pod)).map(endOf)
  const since = failures.filter((endMs) => endMs === 0 || endMs > lastSuccess)
  if (since.length === 0) return 0
  const delayMs = Math.min(FIRST_BACKOFF_MS * 2 ** Math.min(since.length - 1, 16), LAST_BACKOFF_MS)
  return Math.max(0, Math.max(...since) + delayMs - now())
}
