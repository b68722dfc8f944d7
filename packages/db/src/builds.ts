import {
  AppError,
  type BuildStatus,
  isBuildOver,
  type ProcessDefinition,
  slipwayFileSchema,
  withProcessesFile,
} from '@slipway/domain'
import { type Actor, writeAudit } from './audit.ts'
import type { Database } from './database.ts'
import type { Build, Release } from './generated/client.ts'
import { lockApp, withLockedApp } from './locked-app.ts'
import { notify } from './notify.ts'
import { beforeNumber, type PageOf, type PageRequest, pageOf } from './pages.ts'
import { withOptions } from './process-options.ts'
import { insertRelease } from './releases.ts'
import type { Transaction } from './transaction.ts'

/** Wants a build to end. One that waits is cancelled at once, one that runs as soon as its Job is gone. Throws `conflict` when it is over. */
export function cancelBuild(
  db: Database,
  input: { appId: string; number: number; actor: Actor; now: Date },
  /** Runs in the same transaction. */
  also: (tx: Transaction) => Promise<void> = () => Promise.resolve(),
): Promise<Build> {
  return withLockedApp(db, input.appId, async (tx, app) => {
    const key = { appId_number: { appId: input.appId, number: input.number } }
    const build = await tx.build.findUnique({ where: key })
    if (!build) throw new AppError('not_found', `There is no build ${input.number} of ${app.subject}.`)
    if (isBuildOver(build.status)) {
      throw new AppError(
        'conflict',
        `Build ${build.number} has already finished: it ${build.status.replace('_', ' ')}.`,
      )
    }
    const failure = `Cancelled by ${input.actor.name}.`
    // `status: queued` in the condition: a controller that starts it in this moment waits for our lock, then sees the request.
    await tx.build.updateMany({
      where: { id: build.id, status: 'queued' },
      data: { status: 'cancelled', finishedAt: input.now, failure },
    })
    const cancelled = await tx.build.update({
      where: key,
      data: { cancelRequestedAt: build.cancelRequestedAt ?? input.now, cancelRequestedBy: input.actor.name },
    })
    await writeAudit(tx, {
      teamId: app.teamId,
      actor: input.actor,
      action: 'build.cancel',
      subject: app.subject,
      summary: `Cancelled build ${build.number}.`,
    })
    await also(tx)
    await notify(tx, 'slipway_build', build.id)
    await notify(tx, 'slipway_app', input.appId)
    return cancelled
  })
}

/** Newest first. Throws `invalid_input` on a foreign cursor. */
export async function listBuilds(
  db: Database,
  appId: string,
  page: PageRequest,
): Promise<PageOf<Build & { release: { number: number } | null }>> {
  const rows = await db.client.build.findMany({
    where: { appId, number: beforeNumber(page.cursor) },
    orderBy: { number: 'desc' },
    take: page.limit + 1,
    include: { release: { select: { number: true } } },
  })
  return pageOf(rows, page.limit, (row) => String(row.number))
}

/** Throws `not_found`. */
export async function getBuild(
  db: Database,
  appId: string,
  number: number,
): Promise<Build & { release: { number: number } | null }> {
  const build = await db.client.build.findUnique({
    where: { appId_number: { appId, number } },
    include: { release: { select: { number: true } } },
  })
  if (!build) throw new AppError('not_found', `There is no build ${number}.`)
  return build
}

/** queued → running; false when the build is over or to be cancelled, and so must not start. */
export async function startBuild(db: Database, buildId: string, now: Date): Promise<boolean> {
  return db.transaction(async (tx) => {
    const { count } = await tx.build.updateMany({
      where: { id: buildId, status: 'queued', cancelRequestedAt: null },
      data: { status: 'running', startedAt: now },
    })
    if (count === 0)
      return (await tx.build.count({ where: { id: buildId, status: 'running', cancelRequestedAt: null } })) > 0
    await notifyBuild(tx, buildId)
    return true
  })
}

async function notifyBuild(tx: Parameters<typeof notify>[0], buildId: string): Promise<void> {
  await notify(tx, 'slipway_build', buildId)
  const build = await tx.build.findUnique({ where: { id: buildId }, select: { appId: true } })
  if (build) await notify(tx, 'slipway_app', build.appId)
}

export interface BuildEnd {
  buildId: string
  status: Extract<BuildStatus, 'failed' | 'cancelled' | 'timed_out'>
  /** One sentence: what failed and what to do. */
  failure: string
  now: Date
}

/** Ends a build without a release. What has ended already stays as it ended; answers whether it was this call that ended it. */
export async function endBuild(db: Database, { buildId, status, failure, now }: BuildEnd): Promise<boolean> {
  return db.transaction(async (tx) => {
    const { count } = await tx.build.updateMany({
      where: { id: buildId, status: { in: ['queued', 'running'] } },
      data: { status, failure: failure.slice(0, 2_000), finishedAt: now },
    })
    if (count > 0) await notifyBuild(tx, buildId)
    return count > 0
  })
}

export interface BuildResult {
  buildId: string
  /** By digest. */
  image: string
  processes: readonly ProcessDefinition[]
  now: Date
}

/**
 * Ends a build with its release, both or neither; the same again answers the same release. Throws `conflict` when the build was
 * cancelled or ended otherwise, `not_found` when the app is going, `quota_exceeded`.
 */
export function completeBuild(db: Database, { buildId, image, processes: found, now }: BuildResult): Promise<Release> {
  return db.transaction(async (tx) => {
    const { appId } = await tx.build.findUniqueOrThrow({ where: { id: buildId }, select: { appId: true } })
    const app = await lockApp(tx, appId)
    const build = await tx.build.findUniqueOrThrow({ where: { id: buildId }, include: { release: true } })
    if (build.release) return build.release
    if (build.cancelRequestedAt || isBuildOver(build.status)) {
      throw new AppError('conflict', `Build ${build.number} was cancelled before it was released.`)
    }
    const processesFile = slipwayFileSchema.safeParse(build.slipwayFile).data?.processes
    const processes = withOptions(app, withProcessesFile(found, processesFile), processesFile)
    await tx.build.update({
      where: { id: buildId },
      data: { status: 'succeeded', image, processes: processes.map((each) => ({ ...each })), finishedAt: now },
    })
    await notify(tx, 'slipway_build', buildId)
    return insertRelease(db, tx, app, {
      kind: 'build',
      image,
      processes,
      description: `Deploy ${build.commit.slice(0, 7)} from ${build.branch}`,
      actor: { name: build.by, email: build.byEmail || build.by },
      action: 'release.deployBuild',
      buildId,
      buildNumber: build.number,
      commit: build.commit,
      processesFile,
    })
  })
}
