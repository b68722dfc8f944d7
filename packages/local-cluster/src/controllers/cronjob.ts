import { type CronSchedule, parseCronSchedule } from '../types/cron-schedule.ts'
import { conditionOf } from '../types/pod-conditions.ts'
import { CronJobs, Jobs } from '../types/resources.ts'
import { same } from '../types/same.ts'
import { ownedBy } from '../types/selectors.ts'
import { timestamp } from '../types/times.ts'
import { nextTime } from './cron-next.ts'
import { createScheduledJob, deleteJob, jobName, recordAbout, referenceTo } from './cronjob-jobs.ts'
import { latestMissed } from './cronjob-missed.ts'
import { finishedAt } from './job.ts'
import type { Job } from './job-objects.ts'
import { type ControllerContext, keyOf, ownerKeys, parseKey, runController } from './kind-controller.ts'
import type { CronJob } from './workload-objects.ts'

/** A machine that slept has timers that are late: the clock is read again at least this often. */
const LONGEST_WAIT_MS = 60_000
/** After the time has come, so that it has for everybody. */
const LEEWAY_MS = 100

/** CronJobs: a Job at each time of a schedule. Reference: k8s.io/kubernetes/pkg/controller/cronjob. */
export function runCronJobs(context: ControllerContext) {
  return runController(context, {
    name: 'cronjob',
    reconcile: (key) => reconcile(context, key),
    watches: [
      { type: CronJobs, keys: (object) => [keyOf(object)] },
      { type: Jobs, keys: (object) => ownerKeys(object, 'CronJob') },
    ],
  })
}

async function reconcile(context: ControllerContext, key: string) {
  const stored = await context.api.get<CronJob>(CronJobs, parseKey(key))
  if (stored === null) return undefined
  const cron = structuredClone(stored)
  cron.status ??= {}
  try {
    const jobs = await ownJobs(context, cron)
    const kept = await removeOldJobs(context, cron, jobs)
    await followJobs(context, cron, kept)
    if (cron.metadata.deletionTimestamp !== undefined) return undefined
    const waitMs = await startDue(context, cron, kept)
    return waitMs === null ? undefined : { requeueAfterMs: Math.min(waitMs + LEEWAY_MS, LONGEST_WAIT_MS) }
  } finally {
    await writeStatus(context, stored, cron)
  }
}

async function ownJobs({ api }: ControllerContext, cron: CronJob): Promise<Job[]> {
  return (await api.list<Job>(Jobs, ownedBy(cron))).items
}

const endOf = (job: Job) =>
  ['Complete', 'Failed'].find((type) => conditionOf(job.status?.conditions, type)?.status === 'True')

/** Removes what is beyond the history; answers what stays. */
async function removeOldJobs(context: ControllerContext, cron: CronJob, jobs: Job[]): Promise<Job[]> {
  const { successfulJobsHistoryLimit: successes, failedJobsHistoryLimit: failures } = cron.spec
  const byStart = (a: Job, b: Job) =>
    (a.status?.startTime ?? '').localeCompare(b.status?.startTime ?? '') ||
    a.metadata.name.localeCompare(b.metadata.name)
  const gone = new Set<Job>()
  for (const [type, limit] of [
    ['Complete', successes],
    ['Failed', failures],
  ] as const) {
    const ended = jobs
      .filter((job) => endOf(job) === type && job.metadata.deletionTimestamp === undefined)
      .sort(byStart)
    for (const job of ended.slice(0, Math.max(0, ended.length - (limit ?? ended.length)))) {
      await deleteJob(context, cron, job)
      gone.add(job)
    }
  }
  return jobs.filter((job) => !gone.has(job))
}

/** Keeps the list of running Jobs true, and the time of the last success. */
async function followJobs(context: ControllerContext, cron: CronJob, jobs: readonly Job[]): Promise<void> {
  const { status = {} } = cron
  const isListed = (job: Job) => (status.active ?? []).some(({ uid }) => uid === job.metadata.uid)
  for (const job of jobs) {
    const end = endOf(job)
    if (end !== undefined && isListed(job)) {
      status.active = (status.active ?? []).filter(({ uid }) => uid !== job.metadata.uid)
      const message = `Saw completed job: ${job.metadata.name}, condition: ${end}`
      await recordAbout(context, cron, 'Normal', 'SawCompletedJob', message)
    } else if (end === undefined && !isListed(job)) {
      const message = `Saw a job that the controller did not create or forgot: ${job.metadata.name}`
      await recordAbout(context, cron, 'Warning', 'UnexpectedJob', message)
    }
    const completed = end === 'Complete' ? (job.status?.completionTime ?? '') : ''
    if (completed > (status.lastSuccessfulTime ?? '')) status.lastSuccessfulTime = completed
  }
  for (const { uid, name } of status.active ?? []) {
    if (jobs.some(({ metadata }) => metadata.uid === uid)) continue
    status.active = (status.active ?? []).filter((active) => active.uid !== uid)
    await recordAbout(context, cron, 'Normal', 'MissingJob', `Active job went missing: ${name}`)
  }
}

/** Starts the Job whose time has come. Answers the time in ms until the next one, null where none comes. */
async function startDue(context: ControllerContext, cron: CronJob, jobs: readonly Job[]): Promise<number | null> {
  const { schedule: text, timeZone: zone = 'UTC', suspend, startingDeadlineSeconds } = cron.spec
  if (suspend === true) return null
  const schedule = await readSchedule(context, cron, text)
  if (schedule === null) return null
  const nowMs = context.now()
  const nextMs = nextTime(schedule, nowMs, zone)
  const waitMs = nextMs === null ? null : nextMs - nowMs
  const missed = latestMissed(cron, schedule, zone, nowMs)
  if (missed.tooMany) {
    const message = 'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew'
    await recordAbout(context, cron, 'Warning', 'TooManyMissedTimes', message)
  }
  const dueMs = missed.latestMs
  if (dueMs === null) return waitMs
  if (startingDeadlineSeconds !== undefined && dueMs + startingDeadlineSeconds * 1000 < nowMs) {
    const message = `Missed scheduled time to start a job: ${new Date(dueMs).toUTCString()}`
    await recordAbout(context, cron, 'Warning', 'MissSchedule', message)
    return waitMs
  }
  const { status = {} } = cron
  const started = (status.active ?? []).some(({ name }) => name === jobName(cron, dueMs))
  if (started || status.lastScheduleTime === timestamp(dueMs)) return waitMs
  if (cron.spec.concurrencyPolicy === 'Forbid' && (status.active ?? []).length > 0) {
    const message = 'Not starting job because prior execution is running and concurrency policy is Forbid'
    await recordAbout(context, cron, 'Normal', 'JobAlreadyActive', message)
    return waitMs
  }
  if (cron.spec.concurrencyPolicy === 'Replace') await replaceActive(context, cron, jobs)
  const job = await createScheduledJob(context, cron, dueMs, zone)
  if (job === null) return waitMs
  if (finishedAt(job) === null) status.active = [...(status.active ?? []), referenceTo(job)]
  status.lastScheduleTime = timestamp(dueMs)
  return waitMs
}

/** The API refuses what cannot be read, but objects of an older version may be stored. */
async function readSchedule(context: ControllerContext, cron: CronJob, text: string): Promise<CronSchedule | null> {
  try {
    return parseCronSchedule(text)
  } catch (error) {
    const message = `unparseable schedule: ${JSON.stringify(text)} : ${error instanceof Error ? error.message : error}`
    await recordAbout(context, cron, 'Warning', 'UnparseableSchedule', message)
    return null
  }
}

async function replaceActive(context: ControllerContext, cron: CronJob, jobs: readonly Job[]): Promise<void> {
  for (const active of cron.status?.active ?? []) {
    const job = jobs.find(({ metadata }) => metadata.uid === active.uid)
    if (job !== undefined) await deleteJob(context, cron, job)
  }
}

async function writeStatus({ api }: ControllerContext, stored: CronJob, cron: CronJob): Promise<void> {
  const status = { ...cron.status }
  if (status.active?.length === 0) delete status.active
  if (same(status, stored.status ?? {})) return
  // A patch: a change of the CronJob in between must not make it forget the run that has just been started.
  const { namespace = '', name, uid } = cron.metadata
  const body = { metadata: { uid }, status: { ...status, active: status.active?.map((each) => ({ ...each })) ?? null } }
  await api.patch(CronJobs, { namespace, name }, { type: 'merge', subresource: 'status', body })
}
