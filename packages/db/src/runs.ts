import { AppError, isReplicated, plainLine, RUN_MODES, type RunMode, scaleOf } from '@slipway/domain'
import { z } from 'zod'
import { type Actor, writeAudit } from './audit.ts'
import type { Database } from './database.ts'
import type { Run } from './generated/client.ts'
import { withLockedApp } from './locked-app.ts'
import { notify } from './notify.ts'
import { beforeId, type PageOf, type PageRequest, pageOf } from './pages.ts'
import { readProcesses, scalesOf } from './processes.ts'
import { admit } from './quota.ts'
import { settleRelease } from './release-commands.ts'

/** Commands of one app at the same time, and ended ones that are kept. */
const MAX_ACTIVE = 20
const MAX_KEPT = 50
const SHOWN_LENGTH = 200

const argvSchema = z.array(z.string())
const modeSchema = z.enum(RUN_MODES)

export const readMode = (run: Pick<Run, 'mode'>): RunMode => modeSchema.parse(run.mode)

/** The argv of a run's row. */
export const readCommand = (run: Pick<Run, 'command'>): string[] => argvSchema.parse(run.command)

export interface NewRun {
  appId: string
  command: string[]
  /** Not given: as the first process of the release. */
  cpuMillis?: number | undefined
  memoryMiB?: number | undefined
  timeoutSeconds: number
  mode?: RunMode
  /** Account that may use its terminal. */
  userId?: string
  actor: Actor
}

/**
 * Runs a command once, with the image and config of the current release. Throws `conflict` where nothing is deployed or too many
 * run, `quota_exceeded` where it does not fit.
 */
export function startRun(
  db: Database,
  { appId, command, timeoutSeconds, mode = 'output', userId, actor, ...size }: NewRun,
): Promise<Run> {
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
      data: {
        ...{ appId, command, cpuMillis, memoryMiB, timeoutSeconds, mode },
        ...{ releaseNumber: release.number, by: actor.name, userId: userId ?? null },
      },
    })
    const kept = await tx.run.findMany({
      where: { appId, kind: 'command', endedAt: { not: null } },
      orderBy: { id: 'desc' },
      skip: MAX_KEPT,
      select: { id: true },
    })
    if (kept.length > 0) await tx.run.deleteMany({ where: { id: { in: kept.map(({ id }) => id) } } })
    const how = mode === 'terminal' ? ' in a terminal' : ''
    const summary = `Ran ${shownCommand(command)} with v${release.number}${how}.`
    await writeAudit(tx, { teamId, actor, action: 'run.start', subject, summary })
    await notify(tx, 'slipway_run', run.id)
    return run
  })
}

/** A command as the audit log shows it. */
export const shownCommand = (command: readonly string[]): string =>
  `“${plainLine(command.join(' ')).slice(0, SHOWN_LENGTH)}”`

/** Those that run and those that ended lately, newest first. Throws `invalid_input` on a foreign cursor. */
export async function listRuns(db: Database, appId: string, page: PageRequest): Promise<PageOf<Run>> {
  const rows = await db.client.run.findMany({
    where: { appId, kind: 'command', id: beforeId(page.cursor) },
    orderBy: { id: 'desc' },
    take: page.limit + 1,
  })
  return pageOf(rows, page.limit, (row) => row.id)
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

/** Ends a command that cannot go on, for a reason in a sentence; its Job is deleted. */
export async function cutRun(
  db: Database,
  id: string,
  { failure, now }: { failure: string; now: Date },
): Promise<void> {
  await db.transaction(async (tx) => {
    const { count } = await tx.run.updateMany({
      where: { id, endedAt: null },
      data: { stopRequestedAt: now, endedAt: now, failure },
    })
    if (count > 0) await notify(tx, 'slipway_run', id)
  })
}

/** Takes note that a terminal is used. */
export async function noteRunActivity(db: Database, id: string, now: Date): Promise<void> {
  await db.client.run.updateMany({ where: { id, endedAt: null }, data: { activeAt: now } })
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
