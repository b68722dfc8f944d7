import { AppError, type AppRef, appPath } from '@slipway/domain'
import type { Database } from './database.ts'
import type { Prisma } from './generated/client.ts'
import { lockTeam } from './quota.ts'
import type { Transaction } from './transaction.ts'

type AppWithPlace = Prisma.AppGetPayload<{
  include: {
    environment: { include: { project: { include: { team: true } } } }
    processes: true
    currentRelease: true
  }
}>

/** An app whose row is locked, with where it stands and what runs. */
export interface LockedApp {
  row: AppWithPlace
  teamId: string
  ref: AppRef
  /** `team/project/environment/app` */
  subject: string
}

/** One relation after the other: a transaction has one connection, which takes one query at a time. */
async function readApp(tx: Transaction, appId: string): Promise<AppWithPlace | null> {
  const app = await tx.app.findUnique({
    where: { id: appId },
    include: { environment: { include: { project: { include: { team: true } } } } },
  })
  if (!app) return null
  const processes = await tx.appProcess.findMany({ where: { appId }, orderBy: { name: 'asc' } })
  const number = app.currentReleaseNumber
  const currentRelease =
    number === null ? null : await tx.release.findUnique({ where: { appId_number: { appId, number } } })
  return { ...app, processes, currentRelease }
}

/** Locks the team's quota, then the app. Throws `not_found` when the app is gone or going. */
export async function lockApp(tx: Transaction, appId: string): Promise<LockedApp> {
  const place = await tx.app.findUnique({
    where: { id: appId },
    select: { environment: { select: { project: { select: { teamId: true } } } } },
  })
  if (!place) throw new AppError('not_found', 'This app has been deleted.')
  const { teamId } = place.environment.project
  await lockTeam(tx, teamId)
  await tx.$queryRaw`SELECT id FROM apps WHERE id = ${appId}::uuid FOR UPDATE`
  const row = await readApp(tx, appId)
  if (!row || row.deletedAt) throw new AppError('not_found', 'This app has been deleted.')
  const ref = {
    team: row.environment.project.team.slug,
    project: row.environment.project.slug,
    environment: row.environment.slug,
    app: row.slug,
  }
  return { row, teamId, ref, subject: appPath(ref) }
}

/** Runs `work` in a transaction that holds the app. Whatever fails in it leaves nothing behind. */
export function withLockedApp<T>(
  db: Database,
  appId: string,
  work: (tx: Transaction, app: LockedApp) => Promise<T>,
): Promise<T> {
  return db.transaction(async (tx) => work(tx, await lockApp(tx, appId)))
}
