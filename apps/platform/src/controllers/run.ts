import { endRun, findRun, markRunStarted, type RunWithPlace, readCommand } from '@slipway/db'
import { isAppError, type RunToRender } from '@slipway/domain'
import { runVerdict } from '@slipway/health'
import { KubeApiError, Pods } from '@slipway/kube'
import { renderRun, runJobName } from '@slipway/manifests'
import type { ReconcileResult } from '@slipway/reconcile'
import type { Job } from 'kubernetes-types/batch/v1.d.ts'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import type { Kube } from '../live/informers.ts'
import { isRefusal } from './apply.ts'
import type { ControllerContext } from './context.ts'
import { assertOwn } from './ownership.ts'

/** A look without an event, for what the watch might have missed. */
const LOOK_AGAIN_MS = 15_000
const NOT_SYNCED_MS = 1_000
const JOB = { apiVersion: 'batch/v1', kind: 'Job' } as const

/**
 * Commands that run once: a row → a Job → how it ended. Woken by the row, by the Job and its pod, which carry the run's id, and
 * every 15 s while it runs. The Job ends by its own deadline and goes by its time to live, also while no platform runs.
 */
export async function reconcileRun(context: ControllerContext, id: string): Promise<ReconcileResult | undefined> {
  const run = await findRun(context.db, id)
  if (run === null) return undefined
  const ref = { namespace: run.namespace, name: runJobName({ app: run.app.slug, run: id }) }
  const isUnwanted = run.stopRequestedAt !== null || run.app.deletedAt !== null
  if (isUnwanted) await context.cluster.delete({ ...JOB, ...ref }, { propagation: 'Background' })
  if (run.endedAt !== null) return undefined
  if (isUnwanted) return end(context, run, { exitCode: null, failure: 'It was stopped.' })
  if (!context.caches.isSynced()) return { requeueAfterMs: NOT_SYNCED_MS }
  const job = context.caches.job(ref.namespace, ref.name) ?? (await context.cluster.get<Kube<Job>>({ ...JOB, ...ref }))
  if (job === null) {
    if (run.startedAt !== null)
      return end(context, run, { exitCode: null, failure: 'Its Job was deleted from the cluster.' })
    return begin(context, run)
  }
  const cached = runVerdict(run, job, context.caches.podsOfJob(ref.namespace, ref.name))
  if (cached === null) return { requeueAfterMs: LOOK_AGAIN_MS }
  // The caches wake us; the API server decides: a Job's condition may be seen before its pod's exit code is.
  const verdict = cached.exitCode === null ? runVerdict(run, job, await podsNow(context, ref)) : cached
  return end(context, run, verdict ?? cached)
}

type End = Omit<Parameters<typeof endRun>[2], 'now'>

async function end({ db, now }: ControllerContext, run: RunWithPlace, verdict: End): Promise<undefined> {
  await endRun(db, run.id, { ...verdict, now: now() })
}

async function podsNow({ cluster }: ControllerContext, { namespace, name }: { namespace: string; name: string }) {
  const labelSelector = `batch.kubernetes.io/job-name=${name}`
  return (await cluster.list<Kube<Pod>>(Pods, { namespace, labelSelector })).items
}

/** Makes the Job; what the API server refuses for good is how the run ends. */
async function begin(context: ControllerContext, run: RunWithPlace): Promise<ReconcileResult | undefined> {
  try {
    await assertOwn(context.cluster, run.namespace, context.owner)
    await context.applier.apply([renderRun(toRender(context, run))])
  } catch (error) {
    const isFinal = (error instanceof KubeApiError && isRefusal(error)) || isAppError(error)
    if (!isFinal) throw error
    return end(context, run, { exitCode: null, failure: `It could not be started: ${error.message}` })
  }
  await markRunStarted(context.db, run.id, context.now())
  return { requeueAfterMs: LOOK_AGAIN_MS }
}

function toRender({ settings }: ControllerContext, run: RunWithPlace): RunToRender {
  return {
    ...run.ref,
    namespace: run.namespace,
    run: run.id,
    release: run.releaseNumber,
    image: run.image,
    command: readCommand(run),
    cpuMillis: run.cpuMillis,
    memoryMiB: run.memoryMiB,
    timeoutSeconds: run.timeoutSeconds,
    // As an app's pods: images of the native builder have a user of their own.
    runsAsNonRoot: settings.podSecurity === 'restricted' || run.isNative,
  }
}
