import {
  AppError,
  type ConfigChange,
  neededForRelease,
  type ObservedStatus,
  type ProcessDefinition,
  type ProcessesFile,
  type ReleaseKind,
  ROLLING_OUT_STATUSES,
} from '@slipway/domain'
import { z } from 'zod'
import { type Actor, writeAudit } from './audit.ts'
import { configChanges, encryptReleaseConfig, readConfig, readReleaseConfig } from './config-vars.ts'
import type { Database } from './database.ts'
import type { Release } from './generated/client.ts'
import type { LockedApp } from './locked-app.ts'
import { notify } from './notify.ts'
import { beforeNumber, type PageOf, type PageRequest, pageOf } from './pages.ts'
import { readProcesses, saveScales, scalesOf, wantedScales } from './processes.ts'
import { admit } from './quota.ts'
import { wantReleaseCommand } from './release-commands.ts'
import type { ReleaseOrigin } from './release-origin.ts'
import { startable } from './start-timeout.ts'
import type { Transaction } from './transaction.ts'

/** What a new release is made of; the config is the app's as it stands. */
export interface NewRelease {
  kind: ReleaseKind
  image: string
  processes: readonly ProcessDefinition[]
  description: string
  actor: Actor
  /** Verb and sentence for the audit log. */
  action: string
  buildId?: string
  buildNumber?: number | null
  commit?: string | null
  rollbackOf?: number
  /** Where the image was promoted from. */
  origin?: ReleaseOrigin | undefined
  /** Sizes and first counts, from the slipway.yaml of the build or from the form that creates the app. */
  processesFile?: ProcessesFile | undefined
}

/**
 * The one way in which a release is made: quota, immutable row, the app points at it, audit event and NOTIFY, in the caller's
 * transaction. A release that was still on its way is superseded. Throws `quota_exceeded` when it would not fit.
 */
export async function insertRelease(
  db: Database,
  tx: Transaction,
  app: LockedApp,
  input: NewRelease,
): Promise<Release> {
  const { row } = app
  const number = row.releaseCount + 1
  const current = row.currentRelease
  const before = current ? readProcesses(current.processes) : []
  const scales = scalesOf(row.processes)
  const wanted = wantedScales(scales, input.processes, input.processesFile)
  await admit(tx, {
    teamId: app.teamId,
    environmentId: row.environmentId,
    appId: row.id,
    needed: neededForRelease(before, input.processes, scales, wanted),
    change: `The release v${number} of ${row.slug}`,
    rolls: before.length > 0,
  })
  await saveScales(tx, row.id, scales, wanted)
  const config = await readConfig(db, tx, row.id)
  const changes: ConfigChange[] = configChanges(current ? readReleaseConfig(db, current) : {}, config)
  if (current !== null) {
    await tx.release.updateMany({
      where: { appId: row.id, status: { in: ROLLING_OUT_STATUSES } },
      data: { status: 'superseded', message: `Replaced by v${number} before it was live.` },
    })
  }
  const release = await tx.release.create({
    data: {
      appId: row.id,
      number,
      kind: input.kind,
      description: input.description.slice(0, 500),
      by: input.actor.name,
      image: input.image,
      processes: await startable(tx, app, input),
      configCiphertext: encryptReleaseConfig(db, row.id, number, config),
      environment: await environmentOf(tx, app, number, input),
      configChanges: changes.map((each) => ({ ...each })),
      buildId: input.buildId,
      buildNumber: input.buildNumber,
      commit: input.commit,
      rollbackOf: input.rollbackOf,
      originEnvironment: input.origin?.environment,
      originRelease: input.origin?.release,
      originNative: input.origin?.isNative,
    },
  })
  await wantReleaseCommand(tx, release, input.processes, wanted)
  await tx.app.update({
    where: { id: row.id },
    data: { releaseCount: number, currentReleaseNumber: number, generation: { increment: 1 } },
  })
  await writeAudit(tx, {
    teamId: app.teamId,
    actor: input.actor,
    action: input.action,
    subject: app.subject,
    summary: `v${number}: ${release.description}`,
  })
  await notify(tx, 'slipway_app', row.id)
  return release
}

/**
 * What a release's instances are told of themselves, as on Heroku. Part of the release, so that its Secret never changes; a config
 * var of the same name wins.
 */
async function environmentOf(
  tx: Transaction,
  { row, ref }: LockedApp,
  number: number,
  { commit, buildNumber, origin }: Pick<NewRelease, 'commit' | 'buildNumber' | 'origin'>,
): Promise<Record<string, string>> {
  const build = buildNumber
    ? await tx.build.findUnique({
        where: { appId_number: { appId: row.id, number: buildNumber } },
        select: { branch: true },
      })
    : null
  const branch = build?.branch ?? origin?.branch
  return {
    SLIPWAY_APP: ref.app,
    SLIPWAY_ENVIRONMENT: ref.environment,
    SLIPWAY_RELEASE: `v${number}`,
    ...(commit ? { SOURCE_VERSION: commit, SLIPWAY_COMMIT: commit } : {}),
    ...(branch ? { SLIPWAY_BRANCH: branch } : {}),
  }
}

const environmentSchema = z.record(z.string(), z.string())

/** The variables that a release's instances run with: what Slipway adds, then its config vars. */
export function readReleaseEnvironment(
  db: Database,
  release: Pick<Release, 'appId' | 'number' | 'configCiphertext' | 'environment'>,
): Readonly<Record<string, string>> {
  return { ...environmentSchema.parse(release.environment), ...readReleaseConfig(db, release) }
}

/** Newest first. Throws `invalid_input` on a foreign cursor. */
export async function listReleases(db: Database, appId: string, page: PageRequest): Promise<PageOf<Release>> {
  const rows = await db.client.release.findMany({
    where: { appId, number: beforeNumber(page.cursor) },
    orderBy: { number: 'desc' },
    take: page.limit + 1,
  })
  return pageOf(rows, page.limit, (row) => String(row.number))
}

/** Throws `not_found`. */
export async function getRelease(db: Database, appId: string, number: number): Promise<Release> {
  const release = await db.client.release.findUnique({ where: { appId_number: { appId, number } } })
  if (!release) throw new AppError('not_found', `There is no release v${number}.`)
  return release
}

/** What the app controller saw of an app's current release. */
export interface ReleaseObservation {
  appId: string
  number: number
  status: ObservedStatus
  /** Why it failed; null otherwise. */
  message: string | null
  now: Date
}

/**
 * Writes what was observed of the current release, when it changed; once it is live, older live ones are superseded. Answers
 * whether anything was written: nothing is when the app points at another release by now.
 */
export async function observeRelease(db: Database, seen: ReleaseObservation): Promise<boolean> {
  const { appId, number, status, message, now } = seen
  const key = { appId_number: { appId, number } }
  const known = await db.client.release.findUnique({ where: key, select: { status: true, message: true } })
  if (!known || (known.status === status && known.message === message)) return false
  return db.transaction(async (tx) => {
    await tx.$queryRaw`SELECT id FROM apps WHERE id = ${appId}::uuid FOR UPDATE`
    const app = await tx.app.findFirst({
      where: { id: appId, currentReleaseNumber: number },
      select: { currentRelease: { select: { liveAt: true } } },
    })
    if (!app) return false
    const liveAt = app.currentRelease?.liveAt ?? (status === 'live' ? now : null)
    await tx.release.update({ where: key, data: { status, message, liveAt } })
    if (status === 'live') {
      await tx.release.updateMany({
        where: { appId, number: { not: number }, status: 'live' },
        data: { status: 'superseded' },
      })
    }
    await notify(tx, 'slipway_app', appId)
    return true
  })
}
