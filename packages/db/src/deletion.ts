import { type Actor, writeAudit } from './audit.ts'
import type { Database } from './database.ts'
import { withLockedApp } from './locked-app.ts'
import { notify } from './notify.ts'
import { lockTeam } from './quota.ts'
import type { Transaction } from './transaction.ts'

// Deleting marks rows; the controllers take away what is in the cluster and on disk, then remove the rows with the functions at
// the end. A crash in between loses nothing: marked rows are found again at the next start.

/** Marks apps and ends their builds. Their host names are free at once. */
async function markApps(tx: Transaction, appIds: readonly string[], actor: Actor, now: Date): Promise<void> {
  const ids = [...appIds]
  await tx.app.updateMany({ where: { id: { in: ids } }, data: { deletedAt: now, generation: { increment: 1 } } })
  await tx.domain.deleteMany({ where: { appId: { in: ids } } })
  const builds = await tx.build.findMany({
    where: { appId: { in: ids }, status: { in: ['queued', 'running'] }, cancelRequestedAt: null },
    select: { id: true },
  })
  await tx.build.updateMany({
    where: { id: { in: builds.map(({ id }) => id) } },
    data: { cancelRequestedAt: now, cancelRequestedBy: actor.name },
  })
  for (const { id } of builds) await notify(tx, 'slipway_build', id)
  for (const id of ids) await notify(tx, 'slipway_app', id)
}

/** Unwants an app. Throws `not_found` when it is gone or going. */
export function deleteApp(db: Database, input: { appId: string; actor: Actor; now: Date }): Promise<void> {
  return withLockedApp(db, input.appId, async (tx, app) => {
    await markApps(tx, [input.appId], input.actor, input.now)
    await writeAudit(tx, {
      teamId: app.teamId,
      actor: input.actor,
      action: 'app.delete',
      subject: app.subject,
      summary: `Deleted the app ${app.ref.app}.`,
    })
  })
}

async function markEnvironments(tx: Transaction, ids: string[], actor: Actor, now: Date): Promise<void> {
  const apps = await tx.app.findMany({ where: { environmentId: { in: ids }, deletedAt: null }, select: { id: true } })
  await markApps(
    tx,
    apps.map(({ id }) => id),
    actor,
    now,
  )
  await tx.environment.updateMany({
    where: { id: { in: ids }, deletedAt: null },
    data: { deletedAt: now, generation: { increment: 1 } },
  })
  for (const id of ids) await notify(tx, 'slipway_environment', id)
}

export interface Deletion {
  teamId: string
  /** Row of the project or environment. */
  id: string
  /** Path of slugs, for people. */
  subject: string
  actor: Actor
  now: Date
}

/** Unwants an environment with all its apps. */
export async function deleteEnvironment(db: Database, { teamId, id, subject, actor, now }: Deletion): Promise<void> {
  await db.transaction(async (tx) => {
    await lockTeam(tx, teamId)
    await markEnvironments(tx, [id], actor, now)
    const summary = `Deleted the environment ${subject} and its apps.`
    await writeAudit(tx, { teamId, actor, action: 'environment.delete', subject, summary })
  })
}

/** Unwants a project with all its environments and apps. */
export async function deleteProject(db: Database, { teamId, id, subject, actor, now }: Deletion): Promise<void> {
  await db.transaction(async (tx) => {
    await lockTeam(tx, teamId)
    await tx.project.update({ where: { id }, data: { deletedAt: now } })
    const environments = await tx.environment.findMany({ where: { projectId: id }, select: { id: true } })
    await markEnvironments(
      tx,
      environments.map((each) => each.id),
      actor,
      now,
    )
    if (environments.length === 0) await tx.project.delete({ where: { id } })
    const summary = `Deleted the project ${subject} with its environments and apps.`
    await writeAudit(tx, { teamId, actor, action: 'project.delete', subject, summary })
  })
}

/** The end of an app that was unwanted: its row and all that hangs on it. Absent, or wanted, is fine. Wakes its environment when that goes too. */
export async function removeDeletedApp(db: Database, appId: string): Promise<void> {
  await db.transaction(async (tx) => {
    const app = await tx.app.findFirst({ where: { id: appId, deletedAt: { not: null } } })
    if (!app) return
    await tx.app.deleteMany({ where: { id: appId } })
    await notify(tx, 'slipway_app', appId)
    await notify(tx, 'slipway_environment', app.environmentId)
  })
}

/** The end of an environment that was unwanted, once its apps are gone; and of its project, when that was the last of it. Answers whether it is gone. */
export async function removeDeletedEnvironment(db: Database, environmentId: string): Promise<boolean> {
  return db.transaction(async (tx) => {
    const environment = await tx.environment.findFirst({
      where: { id: environmentId, deletedAt: { not: null } },
      include: { project: true },
    })
    if (!environment) return true
    await lockTeam(tx, environment.project.teamId)
    if ((await tx.app.count({ where: { environmentId } })) > 0) return false
    await tx.environment.deleteMany({ where: { id: environmentId } })
    const { projectId } = environment
    if ((await tx.environment.count({ where: { projectId } })) === 0) {
      await tx.project.deleteMany({ where: { id: projectId, deletedAt: { not: null } } })
    }
    return true
  })
}
