import { AppError, addResources, type ProcessDefinition, type ProcessScale, scaleOf, surgeOf } from '@slipway/domain'
import { type Actor, writeAudit } from './audit.ts'
import type { Database } from './database.ts'
import { type LockedApp, withLockedApp } from './locked-app.ts'
import { notify } from './notify.ts'
import { readProcesses, scalesOf } from './processes.ts'
import { admit } from './quota.ts'
import type { Transaction } from './transaction.ts'

/** Instances of one app that wait for their end at most; more are restarted with their process. */
const MAX_WAITING = 100

export interface Restart {
  appId: string
  /** Not given: every process. */
  process?: string | undefined
  actor: Actor
  now: Date
}

/** The processes that a restart means: the named one, or all that run. Throws `not_found`, `conflict`. */
function meant(app: LockedApp, name: string | undefined): (ProcessDefinition & ProcessScale)[] {
  const { row, subject } = app
  if (!row.currentRelease) throw new AppError('conflict', `Nothing is deployed to ${subject} yet. Deploy first.`)
  const scales = scalesOf(row.processes)
  const all = readProcesses(row.currentRelease.processes).map((each) => ({ ...each, ...scaleOf(scales, each.name) }))
  const named = all.filter((each) => name === undefined || each.name === name)
  if (named.length === 0) {
    const names = all.map((each) => each.name).join(', ')
    throw new AppError('not_found', `${subject} has no process ${name}. It has: ${names}.`)
  }
  const running = named.filter(({ instances }) => instances > 0)
  if (running.length === 0) {
    throw new AppError('conflict', `${name ?? row.slug} is scaled to 0: nothing runs. Scale it up to start it.`)
  }
  return running
}

/**
 * Restarts processes by a rollout of the same release: each new instance is ready before an old one stops. No release is made.
 * Throws `not_found` for unknown processes, `conflict` where nothing runs, `quota_exceeded` where one instance more does not fit.
 */
export function restartApp(db: Database, { appId, process, actor, now }: Restart): Promise<void> {
  return withLockedApp(db, appId, async (tx, app) => {
    const processes = meant(app, process)
    const names = processes.map(({ name }) => name)
    await admit(tx, {
      teamId: app.teamId,
      environmentId: app.row.environmentId,
      appId,
      needed: addResources(...processes.map(surgeOf)),
      change: `Restarting ${names.join(', ')}`,
      rolls: true,
    })
    await tx.appProcess.updateMany({ where: { appId, name: { in: names } }, data: { restartedAt: now } })
    await recorded(tx, app, actor, `Restarted ${names.join(', ')}.`)
  })
}

/** Ends one instance, so that another takes its place. Whether there is one of that name is for the caller to know. Throws `conflict`. */
export function restartInstance(
  db: Database,
  { appId, instance, actor, now }: Omit<Restart, 'process'> & { instance: string },
): Promise<void> {
  return withLockedApp(db, appId, async (tx, app) => {
    if ((await tx.instanceRestart.count({ where: { appId } })) >= MAX_WAITING) {
      throw new AppError(
        'conflict',
        `${MAX_WAITING} instances are being restarted already. Restart the process instead.`,
      )
    }
    await tx.instanceRestart.upsert({
      where: { appId_instance: { appId, instance } },
      create: { appId, instance, requestedAt: now },
      update: {},
    })
    await recorded(tx, app, actor, `Restarted the instance ${instance}.`)
  })
}

async function recorded(tx: Transaction, app: LockedApp, actor: Actor, summary: string): Promise<void> {
  const { id } = app.row
  await tx.app.update({ where: { id }, data: { generation: { increment: 1 } } })
  await writeAudit(tx, { teamId: app.teamId, actor, action: 'app.restart', subject: app.subject, summary })
  await notify(tx, 'slipway_app', id)
}

/** Takes note that these instances are on their way out. */
export async function finishInstanceRestarts(db: Database, appId: string, instances: readonly string[]): Promise<void> {
  if (instances.length === 0) return
  await db.client.instanceRestart.deleteMany({ where: { appId, instance: { in: [...instances] } } })
}
