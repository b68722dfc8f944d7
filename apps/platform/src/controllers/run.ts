import {
  cutRun,
  endRun,
  findRun,
  isReleaseCommandBehind,
  markRunStarted,
  type RunWithPlace,
  readCommand,
  readMode,
  readReleaseEnvironment,
} from '@slipway/db'
import { isAppError, type RunToRender, TERMINAL_IDLE_MINUTES } from '@slipway/domain'
import { type RunVerdict, runVerdict } from '@slipway/health'
import { KubeApiError, type KubeObject, Pods } from '@slipway/kube'
import {
  CONTAINER_NAME,
  LABELS,
  RELEASE_COMPONENT,
  releaseJobName,
  renderReleaseCommand,
  renderRun,
  runJobName,
} from '@slipway/manifests'
import type { ReconcileResult } from '@slipway/reconcile'
import type { Job } from 'kubernetes-types/batch/v1.d.ts'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import type { Kube } from '../live/informers.ts'
import { isRefusal } from './apply.ts'
import type { ControllerContext } from './context.ts'
import { createJobFollowers, type JobFollowers } from './job-follower.ts'
import { assertOwn } from './ownership.ts'

/** A look without an event, for what the watch might have missed. */
const LOOK_AGAIN_MS = 15_000
const NOT_SYNCED_MS = 1_000
/** Delay before retrying what a release's command waits for. */
const WAIT_MS = 500
/** How long the end of the output may take to arrive once the Job has ended. */
const DRAIN_MS = 10_000
const JOB = { apiVersion: 'batch/v1', kind: 'Job' } as const

/**
 * Commands that run once, and those that a release runs before it is deployed: a row → a Job → how it ended. Woken by the row, by the
 * Job and its pod, which carry the run's id, and every 15 s while it runs. The Job ends by its own deadline and goes by its time to live,
 * also while no platform runs. The output of a release's command is kept: it is copied while it runs, and its Job goes once its end is
 * written down.
 */
export function createRunController(context: ControllerContext) {
  const followers = createJobFollowers({ ...context, logs: context.runLogs, container: CONTAINER_NAME })
  return {
    async reconcile(id: string): Promise<ReconcileResult | undefined> {
      const run = await findRun(context.db, id)
      const result = run === null ? undefined : await reconcileRun(context, followers, run)
      if (result === undefined) followers.forget(id)
      return result
    },
    stop: () => followers.stop(),
  }
}

async function reconcileRun(
  context: ControllerContext,
  followers: JobFollowers,
  run: RunWithPlace,
): Promise<ReconcileResult | undefined> {
  const { caches, cluster } = context
  const ref = { namespace: run.namespace, name: jobNameOf(run) }
  const isUnwanted = run.stopRequestedAt !== null || run.app.deletedAt !== null
  const isSettled = run.kind === 'release' && run.endedAt !== null
  if (isUnwanted || isSettled) await cluster.delete({ ...JOB, ...ref }, { propagation: 'Background' })
  if (run.endedAt !== null) return undefined
  if (isUnwanted) return end(context, run, { exitCode: null, failure: 'It was stopped.' })
  if (!caches.isSynced()) return { requeueAfterMs: NOT_SYNCED_MS }
  const job = caches.job(ref.namespace, ref.name) ?? (await cluster.get<Kube<Job>>({ ...JOB, ...ref }))
  if (job === null) {
    if (run.startedAt !== null)
      return end(context, run, { exitCode: null, failure: 'Its Job was deleted from the cluster.' })
    return (await mayBegin(context, run)) ? begin(context, run) : { requeueAfterMs: WAIT_MS }
  }
  if (run.startedAt === null) await begun(context, run)
  if (run.kind === 'release') followers.follow(run.id, ref)
  const cached = runVerdict(run, job, caches.podsOfJob(ref.namespace, ref.name))
  if (cached === null && isIdle(context, run)) await cutRun(context.db, run.id, { failure: IDLE, now: context.now() })
  if (cached === null) return { requeueAfterMs: LOOK_AGAIN_MS }
  if (run.kind === 'release') await followers.drain(run.id, DRAIN_MS)
  // The caches wake us; the API server decides: a Job's condition may be seen before its pod's exit code is.
  const verdict = cached.exitCode === null ? runVerdict(run, job, await podsNow(context, ref)) : cached
  return end(context, run, verdict ?? cached)
}

function jobNameOf({ id, kind, releaseNumber, ref: { app } }: RunWithPlace): string {
  return kind === 'release' ? releaseJobName({ app, release: releaseNumber }) : runJobName({ app, run: id })
}

const IDLE = `It was ended after ${TERMINAL_IDLE_MINUTES} minutes without input or output.`

/** A terminal that nobody uses: a command without one ends by itself. */
function isIdle({ now }: ControllerContext, run: RunWithPlace): boolean {
  const usedAt = run.activeAt ?? run.startedAt
  if (readMode(run) !== 'terminal' || usedAt === null) return false
  return now().getTime() - usedAt.getTime() > TERMINAL_IDLE_MINUTES * 60_000
}

async function end({ db, now }: ControllerContext, run: RunWithPlace, verdict: RunVerdict): Promise<undefined> {
  await endRun(db, run.id, { ...verdict, now: now() })
}

async function podsNow({ cluster }: ControllerContext, { namespace, name }: { namespace: string; name: string }) {
  const labelSelector = `batch.kubernetes.io/job-name=${name}`
  return (await cluster.list<Kube<Pod>>(Pods, { namespace, labelSelector })).items
}

/** The command of a release waits for the app's place in the cluster, and for that of an earlier release: two never run at once. */
async function mayBegin(context: ControllerContext, run: RunWithPlace): Promise<boolean> {
  if (run.kind !== 'release') return true
  if (await isReleaseCommandBehind(context.db, run)) return false
  const ofRelease = ({ metadata: { labels }, status }: Kube<Pod>) =>
    labels?.[LABELS.runOf] === run.ref.app &&
    labels[LABELS.component] === RELEASE_COMPONENT &&
    status?.phase !== 'Succeeded' &&
    status?.phase !== 'Failed'
  // One that was stopped has some seconds to end in.
  if (context.caches.podsOf(run.namespace).some(ofRelease)) return false
  if (context.environments.isPrepared(run.namespace)) return true
  context.enqueue('environment', run.app.environmentId)
  return false
}

/** Makes the Job; what the API server refuses for good is how the run ends. */
async function begin(context: ControllerContext, run: RunWithPlace): Promise<ReconcileResult | undefined> {
  try {
    await assertOwn(context.cluster, run.namespace, context.owner)
    await context.applier.apply(objectsOf(context, run))
  } catch (error) {
    const isFinal = (error instanceof KubeApiError && isRefusal(error)) || isAppError(error)
    if (!isFinal) throw error
    return end(context, run, { exitCode: null, failure: `It could not be started: ${error.message}` })
  }
  await begun(context, run)
  return { requeueAfterMs: LOOK_AGAIN_MS }
}

/** Written down once the Job is there: one that is missing before was never made, whatever happened in between. */
async function begun({ db, now }: ControllerContext, run: RunWithPlace): Promise<void> {
  await markRunStarted(db, run.id, now())
}

function objectsOf(context: ControllerContext, run: RunWithPlace): KubeObject[] {
  const rendered = toRender(context, run)
  if (run.kind === 'command') return [renderRun(rendered)]
  const config = readReleaseEnvironment(context.db, run.release)
  return renderReleaseCommand({ ...rendered, appId: run.appId, config })
}

function toRender({ settings }: ControllerContext, run: RunWithPlace): RunToRender {
  return {
    ...run.ref,
    namespace: run.namespace,
    run: run.id,
    release: run.releaseNumber,
    image: run.image,
    command: readCommand(run),
    mode: readMode(run),
    cpuMillis: run.cpuMillis,
    memoryMiB: run.memoryMiB,
    timeoutSeconds: run.timeoutSeconds,
    // As an app's pods: images of the native builder have a user of their own.
    runsAsNonRoot: settings.podSecurity === 'restricted' || run.isNative,
  }
}
