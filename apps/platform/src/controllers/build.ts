import { type BuildWithPlace, findBuild, findBuildEnd } from '@slipway/db'
import { isAppError, isBuildOver } from '@slipway/domain'
import { BUILD_CONTAINER_NAME } from '@slipway/manifests'
import type { ReconcileResult } from '@slipway/reconcile'
import { NO_REGISTRY } from '../apps/capabilities.ts'
import type { PreparedBuild } from '../builds/prepare.ts'
import { createAdmission } from './build-admission.ts'
import { endCancelled, endWith } from './build-end.ts'
import { deleteJob, readJob, readJobNow, startJob } from './build-job.ts'
import { createPreparations, type Preparations } from './build-preparation.ts'
import { jobRefOf } from './build-row.ts'
import { stuckReason, verdictOf } from './build-verdict.ts'
import { createWaits, say, type Waits } from './build-waits.ts'
import type { ControllerContext } from './context.ts'
import { createJobFollowers, type JobFollowers } from './job-follower.ts'

/** A look without an event, for what the watch might have missed. */
const LOOK_AGAIN_MS = 15_000
/** How long the end of the log may take to arrive once the Job has ended. */
const DRAIN_MS = 10_000
/** Times that a Job is made: one that somebody deleted, or a crash kept from being made, is made again. */
const MAX_JOBS = 2

/**
 * Builds: queued → (a slot) → prepared (source fetched, strategy chosen) → a Job → verdict → over. Woken by the row, by the Job and
 * its pods, which carry the build's id, and every 15 s while it runs. Nothing but the row and the cluster is remembered, so each
 * step can be taken again by another process.
 */
export interface BuildController {
  reconcile(id: string): Promise<ReconcileResult | undefined>
  stop(): Promise<void>
  stats(): { following: number }
}

interface Parts {
  context: ControllerContext
  followers: JobFollowers
  preparations: Preparations
  waits: Waits
}

export function createBuildController(context: ControllerContext): BuildController {
  const followers = createJobFollowers({ ...context, logs: context.buildLogs, container: BUILD_CONTAINER_NAME })
  const preparations = createPreparations(context)
  const waits = createWaits(context)
  const admission = createAdmission(context)
  const parts = { context, followers, preparations, waits }
  const forget = (id: string) => {
    followers.forget(id)
    preparations.forget(id)
    waits.forget(id)
  }
  /** After the end: nothing of a build stays but its row, its log and its image. The next builds get their turn. */
  async function finish(build: BuildWithPlace): Promise<undefined> {
    forget(build.id)
    if (build.deliveryId !== null) context.enqueue('delivery', build.deliveryId)
    await admission.run()
    return undefined
  }

  return {
    async reconcile(id) {
      const build = await findBuild(context.db, id)
      if (build === null) return void forget(id)
      if (isBuildOver(build.status)) {
        // A Job that ran to its end is kept for a look, and goes by its time to live; one that was cut short goes now.
        if (build.status === 'cancelled') await deleteJob(context, build)
        return finish(build)
      }
      if (build.cancelRequestedAt !== null || build.app.deletedAt !== null) {
        preparations.forget(id)
        await endCancelled(context, build)
        return finish(build)
      }
      if (build.status === 'queued') {
        await admission.run()
        const now = await findBuildEnd(context.db, id)
        if (now?.status === 'queued') await waits.say(id, 'Waiting for other builds to end...')
        return { requeueAfterMs: LOOK_AGAIN_MS }
      }
      const isOver = await advance(parts, build)
      return isOver ? finish(build) : { requeueAfterMs: LOOK_AGAIN_MS }
    },
    async stop() {
      preparations.stop()
      await followers.stop()
    },
    stats: () => ({ following: followers.size() }),
  }
}

/** Takes a running build one step further. Answers whether it is over. */
async function advance(parts: Parts, build: BuildWithPlace): Promise<boolean> {
  const { context, followers, waits } = parts
  if (!context.canBuild) return fail(context, build, NO_REGISTRY)
  const seen = await readJob(context, build)
  if (seen === null) return begin(parts, build)
  const { job, pods } = seen
  followers.follow(build.id, { namespace: job.metadata.namespace ?? '', name: job.metadata.name })
  const timeoutMs = context.settings.buildTimeoutMs
  if (verdictOf(job, pods, timeoutMs) === null) {
    const stuck = stuckReason(pods, context.now().getTime())
    if (stuck?.isFinal) {
      await fail(context, build, stuck.reason)
      await deleteJob(context, build)
      return true
    }
    if (stuck === null) waits.forget(build.id)
    else if (await waits.say(build.id, stuck.reason))
      context.logger.warn({ buildId: build.id, reason: stuck.reason }, 'a build cannot start')
    return false
  }
  await followers.drain(build.id, DRAIN_MS)
  // The caches wake us; the API server decides: a Job's condition may be seen before its pod's last message is.
  const now = await readJobNow(context, build)
  const verdict = now === null ? verdictOf(job, pods, timeoutMs) : verdictOf(now.job, now.pods, timeoutMs)
  if (verdict === null) return false
  await endWith(context, build, verdict)
  return true
}

/** There is no Job: prepares the source, then makes it. */
async function begin({ context, followers, preparations }: Parts, build: BuildWithPlace): Promise<boolean> {
  if (build.attempts >= MAX_JOBS) return fail(context, build, 'Its Job was deleted from the cluster. Push again.')
  const preparation = preparations.ask(build.id)
  switch (preparation.state) {
    case 'pending':
      return false
    case 'failed':
      return fail(context, build, preparation.failure)
    case 'ready': {
      const { prepared } = preparation
      if (build.strategy === null) await say(context, build.id, ...prepared.notes.map((note) => `-----> ${note}`))
      const refusal = await startOrRefuse(context, build, prepared)
      if (refusal !== null) return fail(context, build, refusal)
      preparations.forget(build.id)
      const ref = jobRefOf({ ...build, strategy: prepared.strategy }, context.settings)
      if (ref !== null) followers.follow(build.id, ref)
      return false
    }
  }
}

/** Makes the Job; answers why it must not be made, such as a namespace that is another installation's. */
async function startOrRefuse(
  context: ControllerContext,
  build: BuildWithPlace,
  prepared: PreparedBuild,
): Promise<string | null> {
  try {
    await startJob(context, build, prepared)
    return null
  } catch (error) {
    if (isAppError(error) && error.code !== 'unavailable') return error.message
    throw error
  }
}

async function fail(context: ControllerContext, build: BuildWithPlace, failure: string): Promise<true> {
  await endWith(context, build, { status: 'failed', failure })
  return true
}
