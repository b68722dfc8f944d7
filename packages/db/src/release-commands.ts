import {
  AppError,
  firstScaleOf,
  type ProcessDefinition,
  type ProcessScale,
  RELEASE_TIMEOUT_SECONDS,
  releaseCommandFailure,
} from '@slipway/domain'
import type { Database } from './database.ts'
import type { Release, Run } from './generated/client.ts'
import { notify } from './notify.ts'
import type { Transaction } from './transaction.ts'

/**
 * Wants a release's own command to run, where it has one, before anything of the release is deployed: a run of its own, in the
 * transaction that makes the release. One of an earlier release that still runs is left to its end, and this one waits for it.
 */
export async function wantReleaseCommand(
  tx: Transaction,
  release: Pick<Release, 'appId' | 'number' | 'by'>,
  processes: readonly ProcessDefinition[],
  scales: ReadonlyMap<string, ProcessScale>,
): Promise<void> {
  const process = processes.find(({ kind }) => kind === 'release')
  if (process === undefined) return
  const { appId, number: releaseNumber, by } = release
  if (process.command === null) throw new AppError('invalid_input', 'A release process needs a command.')
  const { cpuMillis, memoryMiB } = scales.get(process.name) ?? firstScaleOf(process)
  const run = await tx.run.create({
    data: {
      ...{ appId, kind: 'release', releaseNumber, by, cpuMillis, memoryMiB },
      command: [...process.command],
      timeoutSeconds: RELEASE_TIMEOUT_SECONDS,
    },
  })
  await notify(tx, 'slipway_run', run.id)
}

/** The command of a release; null where it has none. */
export function findReleaseCommand(db: Database, appId: string, releaseNumber: number): Promise<Run | null> {
  return db.client.run.findFirst({ where: { appId, kind: 'release', releaseNumber } })
}

/** Those of many releases of one app, by the release's number. */
export async function findReleaseCommands(
  db: Database,
  appId: string,
  numbers: readonly number[],
): Promise<Map<number, Run>> {
  const runs = await db.client.run.findMany({
    where: { appId, kind: 'release', releaseNumber: { in: [...numbers] } },
  })
  return new Map(runs.map((run) => [run.releaseNumber, run]))
}

/** Whether the command of an earlier release of the app has not ended: two never run at once. */
export async function isReleaseCommandBehind(
  db: Database,
  { appId, releaseNumber }: Pick<Run, 'appId' | 'releaseNumber'>,
): Promise<boolean> {
  const where = { appId, kind: 'release', endedAt: null, releaseNumber: { lt: releaseNumber } } as const
  return (await db.client.run.count({ where })) > 0
}

/** Asks the command of a release to stop, where it has not ended. Answers whether it was asked. */
export async function stopReleaseCommand(
  tx: Transaction,
  { appId, releaseNumber, now }: { appId: string; releaseNumber: number; now: Date },
): Promise<boolean> {
  const stopped = await tx.run.updateManyAndReturn({
    where: { appId, kind: 'release', releaseNumber, endedAt: null, stopRequestedAt: null },
    data: { stopRequestedAt: now },
    select: { id: true },
  })
  for (const { id } of stopped) await notify(tx, 'slipway_run', id)
  return stopped.length > 0
}

/** What the end of its command means for a release: one that failed is not deployed, and what was deployed before stays. */
export async function settleRelease(
  tx: Transaction,
  { appId, releaseNumber: number, exitCode, failure }: Pick<Run, 'appId' | 'releaseNumber' | 'exitCode' | 'failure'>,
): Promise<void> {
  if (exitCode !== 0) {
    await tx.release.updateMany({
      where: { appId, number, status: 'pending' },
      data: { status: 'failed', message: `It was not deployed: ${releaseCommandFailure({ exitCode, failure })}` },
    })
  }
  await notify(tx, 'slipway_app', appId)
}
