import { completeBuild, endBuild, startBuild } from '@slipway/db'
import { buildSettingsSchema, isAppError, isBuildOver } from '@slipway/domain'
import type { KubeObject } from '@slipway/kube'
import { BUILD_NAMESPACE, buildJobName, buildSecretNames, renderBuildJob } from '@slipway/manifests'
import type { ReconcileResult } from '@slipway/reconcile'
import type { Job } from 'kubernetes-types/batch/v1.d.ts'
import { NO_REGISTRY } from '../api/capabilities.ts'
import type { Kube } from '../live/caches.ts'
import { type BuildFollowers, createBuildFollowers } from './build-follower.ts'
import { type BuildVerdict, stuckReason, verdictOf } from './build-verdict.ts'
import { createWaits, say, type Waits } from './build-waits.ts'
import type { ControllerContext } from './context.ts'

/**
 * What a build reserves, and what it may take. Little is reserved, so that builds go on where apps fill a small node;
 * bundlers take gigabytes for a moment.
 */
const BUILD_SIZE = {
  requests: { cpuMillis: 200, memoryMiB: 256 },
  limits: { cpuMillis: 4000, memoryMiB: 4096 },
} as const
/** A look without an event, for what the watch might have missed. */
const LOOK_AGAIN_MS = 15_000
/** How long the end of the log may take to arrive once the Job has ended. */
const DRAIN_MS = 10_000
const LOCAL_BUILDER_IMAGE = 'slipway.internal/builder'

/** Builds, each a Job: at most `buildConcurrency` at once, in order for each app. */
export interface BuildController {
  reconcile(id: string): Promise<ReconcileResult | undefined>
  stop(): Promise<void>
  stats(): { following: number }
}

export function createBuildController(context: ControllerContext): BuildController {
  const followers = createBuildFollowers(context)
  const waits = createWaits(context)
  // Slots are counted and taken one build after the other; only the leader does so.
  let admission: Promise<unknown> = Promise.resolve()
  const admit = (build: BuildRow): Promise<boolean> => {
    const mine = admission.catch(() => undefined).then(() => takeSlot(context, build))
    admission = mine
    return mine
  }
  return {
    async reconcile(id) {
      const build = await loadBuild(context, id)
      if (build === null) {
        followers.forget(id)
        waits.forget(id)
        return undefined
      }
      if (isBuildOver(build.status)) return finish(context, followers, build)
      if (build.cancelRequestedAt !== null || build.app.deletedAt !== null) return cancel(context, followers, build)
      if (build.status === 'queued' && !(await admit(build))) {
        await waits.say(id, 'Waiting for other builds to end...')
        return { requeueAfterMs: LOOK_AGAIN_MS }
      }
      return run(context, followers, waits, build)
    },
    stop: () => followers.stop(),
    stats: () => ({ following: followers.size() }),
  }
}

function loadBuild({ db }: ControllerContext, id: string) {
  return db.client.build.findUnique({
    where: { id },
    include: { app: { include: { environment: { include: { project: { include: { team: true } } } } } } },
  })
}

type BuildRow = NonNullable<Awaited<ReturnType<typeof loadBuild>>>

/** queued → running, when there is a slot and no older build of the same app is on its way. */
async function takeSlot(context: ControllerContext, build: BuildRow): Promise<boolean> {
  const { db, settings, now } = context
  const older = await db.client.build.count({
    where: { appId: build.appId, number: { lt: build.number }, status: { in: ['queued', 'running'] } },
  })
  if (older > 0) return false
  const running = await db.client.build.count({ where: { status: 'running' } })
  if (running >= settings.buildConcurrency) return false
  return startBuild(db, build.id, now())
}

async function run(
  context: ControllerContext,
  followers: BuildFollowers,
  waits: Waits,
  build: BuildRow,
): Promise<ReconcileResult | undefined> {
  const { caches, cluster, settings } = context
  if (!context.canBuild) return end(context, followers, build, { status: 'failed', failure: NO_REGISTRY })
  const name = jobNameOf(build)
  const ref = { apiVersion: 'batch/v1', kind: 'Job', namespace: BUILD_NAMESPACE, name }
  const job = caches.job(BUILD_NAMESPACE, name) ?? (await cluster.get<Kube<Job>>(ref))
  if (job === null) {
    await startJob(context, build)
    followers.follow(build.id, name)
    return { requeueAfterMs: LOOK_AGAIN_MS }
  }
  followers.follow(build.id, name)
  const pods = caches.podsOfJob(BUILD_NAMESPACE, name)
  const verdict = verdictOf(job, pods, settings.buildTimeoutMs)
  if (verdict === null) {
    const stuck = stuckReason(pods)
    if (stuck === null) waits.forget(build.id)
    else if (await waits.say(build.id, stuck))
      context.logger.warn({ buildId: build.id, stuck }, 'a build can not start')
    return { requeueAfterMs: LOOK_AGAIN_MS }
  }
  await followers.drain(build.id, DRAIN_MS)
  return end(context, followers, build, verdict)
}

async function startJob(context: ControllerContext, build: BuildRow): Promise<void> {
  const { cluster, settings, sources } = context
  const ref = placeOf(build)
  const job = {
    ...ref,
    build: build.number,
    buildId: build.id,
    installation: null,
    strategy: 'native' as const,
    clusterKind: settings.clusterKind,
    platformNamespace: null,
    settings: buildSettingsSchema.parse(build.settings),
    vars: {},
    commit: build.commit,
    branch: build.branch,
    baseImages: {},
    registryConfig: null,
    builderImage: settings.builderImage ?? LOCAL_BUILDER_IMAGE,
    sourceUrl: `${context.internalUrl()}/internal/builds/${build.id}/source`,
    sourceToken: sources.tokenOf(build.id),
    registryPushUrl: settings.registryPushUrl ?? '',
    imagePrefix: settings.registry ?? '',
    // Shared by the builds of one app; removed apps leave theirs to the cache's own limit.
    cacheKey: build.appId,
    timeoutSeconds: Math.max(1, Math.ceil(settings.buildTimeoutMs / 1000)),
    ...BUILD_SIZE,
  }
  let uid: string | null = null
  for (const object of renderBuildJob(job)) {
    const answer = await cluster.apply<KubeObject>(object)
    if (answer.kind === 'Job') uid = answer.metadata.uid ?? null
  }
  for (const object of renderBuildJob(job, uid)) if (object.kind === 'Secret') await cluster.apply(object)
}

/** Writes how it ended, once, and frees what it held. A success makes the release in the same transaction. */
async function end(
  context: ControllerContext,
  followers: BuildFollowers,
  build: BuildRow,
  verdict: BuildVerdict,
): Promise<ReconcileResult | undefined> {
  const { db, now } = context
  if (verdict.status === 'succeeded') {
    try {
      await completeBuild(db, { buildId: build.id, image: verdict.image, processes: verdict.processes, now: now() })
    } catch (error) {
      if (!isAppError(error) || error.code === 'unavailable') throw error
      // Cancelled in this moment, the app is going, or the release does not fit its quota: the build ends with these words.
      const cancelled = error.code === 'conflict' || error.code === 'not_found'
      await say(context, build.id, '', ` !     ${error.message}`)
      await endBuild(db, {
        buildId: build.id,
        status: cancelled ? 'cancelled' : 'failed',
        failure: error.message,
        now: now(),
      })
    }
  } else {
    await say(context, build.id, '', ` !     ${verdict.failure}`)
    await endBuild(db, { buildId: build.id, ...verdict, now: now() })
  }
  context.logger.info(
    { buildId: build.id, app: placeOf(build), build: build.number, status: verdict.status },
    'a build ended',
  )
  return finish(context, followers, { ...build, status: verdict.status })
}

async function cancel(
  context: ControllerContext,
  followers: BuildFollowers,
  build: BuildRow,
): Promise<ReconcileResult | undefined> {
  await deleteJob(context, build)
  const { cluster } = context
  const left = await cluster.get({
    apiVersion: 'batch/v1',
    kind: 'Job',
    namespace: BUILD_NAMESPACE,
    name: jobNameOf(build),
  })
  if (left !== null) return { requeueAfterMs: 500 }
  const failure =
    build.app.deletedAt === null ? `Cancelled by ${build.cancelRequestedBy ?? 'somebody'}.` : 'The app was deleted.'
  await say(context, build.id, '', ` !     ${failure}`)
  await endBuild(context.db, { buildId: build.id, status: 'cancelled', failure, now: context.now() })
  return finish(context, followers, { ...build, status: 'cancelled' })
}

/** After the end: nothing of a build stays but its row, its log and its image. The next builds get their turn. */
async function finish(context: ControllerContext, followers: BuildFollowers, build: BuildRow): Promise<undefined> {
  followers.forget(build.id)
  await context.sources.remove(build.sourceName)
  // A Job that ran to its end is kept for a look, and goes by its time to live; one that was cut short goes now.
  if (build.status === 'cancelled') await deleteJob(context, build)
  const queued = await context.db.client.build.findMany({
    where: { status: 'queued' },
    orderBy: { createdAt: 'asc' },
    take: 100,
    select: { id: true },
  })
  for (const { id } of queued) context.enqueue('build', id)
  if (build.deliveryId !== null) context.enqueue('delivery', build.deliveryId)
  return undefined
}

async function deleteJob({ cluster }: ControllerContext, build: BuildRow): Promise<void> {
  const name = jobNameOf(build)
  await cluster.delete(
    { apiVersion: 'batch/v1', kind: 'Job', namespace: BUILD_NAMESPACE, name },
    { propagation: 'Background' },
  )
  for (const secret of Object.values(buildSecretNames({ ...placeOf(build), build: build.number })))
    await cluster.delete({ apiVersion: 'v1', kind: 'Secret', namespace: BUILD_NAMESPACE, name: secret })
}

function placeOf(build: BuildRow) {
  const { environment } = build.app
  return {
    team: environment.project.team.slug,
    project: environment.project.slug,
    environment: environment.slug,
    app: build.app.slug,
  }
}

const jobNameOf = (build: BuildRow) => buildJobName({ ...placeOf(build), build: build.number })
