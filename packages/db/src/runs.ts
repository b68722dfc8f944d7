import { AppError, isReplicated, plainLine, scaleOf } from '@slipway/domain'
import { z } from 'zod'
import { type Actor, writeAudit } from './audit.ts'
import type { Database } from './database.ts'
import type { Run } from './generated/client.ts'
import { withLockedApp } from './locked-app.ts'
import { notify } from './notify.ts'
import { readProcesses, scalesOf } from './processes.ts'
import { admit } from './quota.ts'
import { settleRelease } from './release-commands.ts'

/** Commands of one app at the same time, and ended ones that are kept. */
const MAX_ACTIVE = 20
const MAX_KEPT = 50
const SHOWN_LENGTH = 200

const argvSchema = z.array(z.string())

/** The argv of a run's row. */
export const readCommand = (run: Pick<Run, 'command'>): string[] => argvSchema.parse(run.command)

export interface NewRun {
  appId: string
  command: string[]
  /** Not given: as the first process of the release. */
  cpuMillis?: number | undefined
  memoryMiB?: number | undefined
  timeoutSeconds: number
  actor: Actor
}

/**
 * Runs a command once, with the image and config of the current release. Throws `conflict` where nothing is deployed or too many
 * run, `quota_exceeded` where it does not fit.
 */
export function startRun(db: Database, { appId, command, timeoutSeconds, actor, ...size }: NewRun): Promise<Run> {
  return withLockedApp(db, appId, async (tx, app) => {
    const { row, subject, teamId } = app
    const release = row.currentRelease
    if (!release) throw new AppError('conflict', `Nothing is deployed to ${subject} yet. Deploy first.`)
    if ((await tx.run.count({ where: { appId, kind: 'command', endedAt: null } })) >= MAX_ACTIVE) {
      throw new AppError('conflict', `${MAX_ACTIVE} commands of ${subject} run already. Wait for one to end.`)
    }
    const usual = scaleOf(scalesOf(row.processes), readProcesses(release.processes).find(isReplicated)?.name ?? '')
    const { cpuMillis = usual.cpuMillis, memoryMiB = usual.memoryMiB } = size
    await admit(tx, {
      ...{ teamId, environmentId: row.environmentId, appId: null },
      needed: { cpuMillis, memoryMiB, instances: 1 },
      change: 'Running a command',
      rolls: false,
    })
    const run = await tx.run.create({
      data: { appId, command, cpuMillis, memoryMiB, timeoutSeconds, releaseNumber: release.number, by: actor.name },
    })
    const kept = await tx.run.findMany({
      where: { appId, kind: 'command', endedAt: { not: null } },
      orderBy: { id: 'desc' },
      skip: MAX_KEPT,
      select: { id: true },
    })
    if (kept.length > 0) await tx.run.deleteMany({ where: { id: { in: kept.map(({ id }) => id) } } })
    const shown = plainLine(command.join(' ')).slice(0, SHOWN_LENGTH)
    const summary = `Ran “${shown}” with v${release.number}.`
    await writeAudit(tx, { teamId, actor, action: 'run.start', subject, summary })
    await notify(tx, 'slipway_run', run.id)
    return run
  })
}

/** Throws `not_found` for those of other apps, and for old ones that are not kept. */
export async function getRun(db: Database, appId: string, id: string): Promise<Run> {
  const run = await db.client.run.findFirst({ where: { id, appId, kind: 'command' } })
  if (!run) throw new AppError('not_found', 'There is no such command of this app, or it ended long ago.')
  return run
}

/** Asks a command to stop; one that has ended stays as it is. Throws `not_found`. */
export async function stopRun(
  db: Database,
  { appId, id, actor, now }: { appId: string; id: string; actor: Actor; now: Date },
): Promise<Run> {
  await getRun(db, appId, id)
  await withLockedApp(db, appId, async (tx, { teamId, subject }) => {
    const { count } = await tx.run.updateMany({
      where: { id, appId, endedAt: null, stopRequestedAt: null },
      data: { stopRequestedAt: now },
    })
    if (count === 0) return
    await writeAudit(tx, { teamId, actor, action: 'run.stop', subject, summary: 'Stopped a command.' })
    await notify(tx, 'slipway_run', id)
  })
  return getRun(db, appId, id)
}

/** Takes note of how a command ended, once; what it reserved is free from then on. */
export async function endRun(
  db: Database,
  id: string,
  end: { exitCode: number | null; failure: string | null; now: Date },
): Promise<void> {
  const { exitCode, failure, now: endedAt } = end
  await db.transaction(async (tx) => {
    const [run] = await tx.run.updateManyAndReturn({
      where: { id, endedAt: null },
      data: { endedAt, exitCode, failure },
    })
    if (run === undefined) return
    if (run.kind === 'release') await settleRelease(tx, run)
    await notify(tx, 'slipway_run', id)
  })
}

/** Numbers of the releases whose image and config commands run with now. */
export async function activeReleasesOfRuns(db: Database, appId: string): Promise<number[]> {
  const runs = await db.client.run.findMany({
    where: { appId, endedAt: null },
    distinct: ['releaseNumber'],
    select: { releaseNumber: true },
  })
  return runs.map(({ releaseNumber }) => releaseNumber)
}
