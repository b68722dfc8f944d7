import { AppError, type AppRef, appPath, isAppError } from '@slipway/domain'
import { readSettings } from './app-settings.ts'
import { insertApp } from './apps.ts'
import type { Actor } from './audit.ts'
import { readConfig, readReleaseConfig } from './config-vars.ts'
import type { Database } from './database.ts'
import type { Release } from './generated/client.ts'
import { lockApp } from './locked-app.ts'
import { readProcesses } from './processes.ts'
import { lockTeam } from './quota.ts'
import { branchOf, isNativeRelease } from './release-origin.ts'
import { insertRelease } from './releases.ts'
import type { Transaction } from './transaction.ts'

/** Which release of which app goes where. */
export interface Promotion {
  teamId: string
  projectId: string
  /** The app that has the release. */
  appId: string
  ref: AppRef
  number: number
  /** Slug of the environment that it goes to. */
  to: string
}

export interface NewPromotion extends Promotion {
  /** Creates the app there where it is missing, with the settings and sizes of this one. */
  createMissing: boolean
  appsDomain: string | null
  actor: Actor
}

/** What a promotion finds. */
export interface PromotionPlan {
  release: Release
  target: AppRef
  /** Null where the app is not there yet. */
  sibling: { id: string; current: Release | null } | null
  missingConfig: string[]
}

/** Reads what a promotion would meet. Throws `not_found`, `conflict`. */
export function planPromotion(db: Database, promotion: Promotion): Promise<PromotionPlan> {
  return db.transaction(async (tx) => {
    const release = await promotable(tx, promotion)
    const environment = await findTarget(tx, promotion)
    const found = await tx.app.findFirst({
      where: { environmentId: environment.id, slug: promotion.ref.app, deletedAt: null },
      include: { currentRelease: true },
    })
    const config = found === null ? {} : await readConfig(db, tx, found.id)
    return {
      release,
      target: { ...promotion.ref, environment: promotion.to },
      sibling: found && { id: found.id, current: found.currentRelease },
      missingConfig: Object.keys(readReleaseConfig(db, release)).filter((key) => !Object.hasOwn(config, key)),
    }
  })
}

/**
 * Makes a release of the sibling in another environment from a release of this app: the same image by its digest, the same processes,
 * the sibling's own config; nothing is built. Throws `not_found` where there is no sibling and none is to be created, `conflict`,
 * `quota_exceeded`.
 */
export function promote(db: Database, promotion: NewPromotion): Promise<Release> {
  return db.transaction((tx) => promoteIn(db, tx, promotion))
}

async function promoteIn(db: Database, tx: Transaction, promotion: NewPromotion): Promise<Release> {
  const { teamId, ref, number, actor } = promotion
  await lockTeam(tx, teamId)
  const source = await promotable(tx, promotion)
  const environment = await findTarget(tx, promotion)
  const sibling = await siblingIn(tx, promotion, environment.id)
  const app = await lockApp(tx, sibling)
  return insertRelease(db, tx, app, {
    kind: 'promotion',
    image: source.image,
    processes: readProcesses(source.processes),
    description: `Promote v${number} of ${ref.environment}`,
    actor,
    action: 'release.promote',
    commit: source.commit,
    origin: {
      environment: ref.environment,
      release: number,
      isNative: await isNativeRelease(tx, source),
      branch: branchOf(source),
    },
  })
}

/** Thrown to leave nothing of a transaction. */
class Undone extends Error {}

/** Why a promotion would be refused: it is made and taken back. Null where it would not. */
export async function refusalOfPromotion(db: Database, promotion: NewPromotion): Promise<string | null> {
  try {
    return await db.transaction(async (tx) => {
      await promoteIn(db, tx, promotion)
      throw new Undone()
    })
  } catch (error) {
    if (error instanceof Undone) return null
    if (isAppError(error) && (error.code === 'quota_exceeded' || error.code === 'conflict')) return error.message
    throw error
  }
}

/** The release, where it has proven that it runs. */
async function promotable(tx: Transaction, { appId, number, ref }: Promotion): Promise<Release> {
  const release = await tx.release.findUnique({ where: { appId_number: { appId, number } } })
  if (release === null) throw new AppError('not_found', `There is no release v${number} of ${appPath(ref)}.`)
  if (release.liveAt === null) {
    throw new AppError('conflict', `v${number} of ${ref.environment} was never live. Promote a release that was.`)
  }
  return release
}

async function findTarget(tx: Transaction, { projectId, ref, to }: Promotion): Promise<{ id: string }> {
  if (to === ref.environment) {
    throw new AppError('conflict', `${ref.app} runs in ${to} already. Promote it to another environment.`)
  }
  const where = { projectId, slug: to, deletedAt: null }
  const found = await tx.environment.findFirst({ where, select: { id: true } })
  if (found === null) throw new AppError('not_found', `There is no environment ${to} in ${ref.team}/${ref.project}.`)
  return found
}

async function siblingIn(tx: Transaction, promotion: NewPromotion, environmentId: string): Promise<string> {
  const { ref, to, appId } = promotion
  const where = { environmentId, slug: ref.app, deletedAt: null }
  const found = await tx.app.findFirst({ where, select: { id: true } })
  if (found !== null) return found.id
  if (!promotion.createMissing) {
    throw new AppError('not_found', `${to} has no app ${ref.app} yet. Create it there, or let the promotion create it.`)
  }
  const source = await tx.app.findUniqueOrThrow({ where: { id: appId }, include: { processes: true } })
  const created = await insertApp(tx, {
    ...promotion,
    environmentId,
    ref: { ...ref, environment: to },
    sourceKind: source.sourceKind,
    settings: { ...readSettings(source.buildSettings) },
    summary: `Created the app with the settings of ${ref.environment}.`,
  })
  await tx.appProcess.createMany({
    data: source.processes.map(({ name, instances, cpuMillis, memoryMiB, options }) => ({
      ...{ appId: created, name, instances, cpuMillis, memoryMiB },
      options: { ...Object(options) },
    })),
  })
  return created
}
