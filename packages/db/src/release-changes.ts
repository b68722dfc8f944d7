import { AppError, type ConfigChange, isCancellable, type ProcessDefinition, releaseWord } from '@slipway/domain'
import { type Actor, writeAudit } from './audit.ts'
import { type Config, readConfig, readReleaseConfig, writeConfig } from './config-vars.ts'
import type { Database } from './database.ts'
import type { Release } from './generated/client.ts'
import { type LockedApp, withLockedApp } from './locked-app.ts'
import { notify } from './notify.ts'
import { restoreOptions, withOptions } from './process-options.ts'
import { readProcesses } from './processes.ts'
import { stopReleaseCommand } from './release-commands.ts'
import { originOf } from './release-origin.ts'
import { insertRelease } from './releases.ts'
import type { Transaction } from './transaction.ts'

export interface ImageDeploy {
  appId: string
  image: string
  /** Not given: those of the last image release, or one web process with the image's own command. */
  processes?: readonly ProcessDefinition[]
  /** Shell line of the web process. Empty goes back to the image's own command. */
  command?: string
  actor: Actor
}

/** The web process of an image: its own command, or a shell line. */
export function webProcess(command: string | undefined): ProcessDefinition {
  return { name: 'web', kind: 'web', command: command ? ['/bin/sh', '-c', command] : null }
}

function processesOfImage(app: LockedApp, deploy: ImageDeploy): readonly ProcessDefinition[] {
  if (deploy.processes) return deploy.processes
  const last = app.row.currentRelease
  // The commands of a build belong to the tree it was built from: they say nothing about another image.
  const kept =
    last && last.buildNumber === null && last.originRelease === null
      ? readProcesses(last.processes)
      : [webProcess(undefined)]
  if (deploy.command === undefined) return kept
  return [webProcess(deploy.command), ...kept.filter(({ name }) => name !== 'web')]
}

/** Makes a release of an image. Throws `quota_exceeded`, `not_found`. */
export function deployImage(db: Database, deploy: ImageDeploy): Promise<Release> {
  return withLockedApp(db, deploy.appId, (tx, app) =>
    insertRelease(db, tx, app, {
      kind: 'image',
      image: deploy.image,
      processes: withOptions(app, processesOfImage(app, deploy)),
      description: `Deploy ${deploy.image}`,
      actor: deploy.actor,
      action: 'release.deployImage',
    }),
  )
}

/** Makes a new release from an old one: same image, same config, same processes; the scale stays. Throws `not_found`, `conflict`. */
export function rollback(db: Database, input: { appId: string; number: number; actor: Actor }): Promise<Release> {
  return withLockedApp(db, input.appId, async (tx, app) => {
    const target = await tx.release.findUnique({
      where: { appId_number: { appId: input.appId, number: input.number } },
    })
    if (!target) throw new AppError('not_found', `There is no release v${input.number} of ${app.subject}.`)
    if (target.number === app.row.currentReleaseNumber) {
      throw new AppError('conflict', `v${target.number} is already running. Choose an earlier release.`)
    }
    await writeConfig(db, tx, input.appId, readReleaseConfig(db, target), input.actor.name)
    await restoreOptions(tx, input.appId, target)
    return insertRelease(db, tx, app, {
      kind: 'rollback',
      image: target.image,
      processes: readProcesses(target.processes),
      description: `Roll back to v${target.number}`,
      actor: input.actor,
      action: 'release.rollback',
      buildNumber: target.buildNumber,
      commit: target.commit,
      origin: originOf(target),
      rollbackOf: target.number,
    })
  })
}

/**
 * Gives up a release that is on its way: the app points at the newest release before it that was live, with that one's config;
 * at none when there was none. Its command is stopped. Throws `conflict` when it is not on its way.
 */
export function cancelRelease(
  db: Database,
  input: { appId: string; number: number; actor: Actor; now: Date },
): Promise<Release> {
  return withLockedApp(db, input.appId, async (tx, app) => {
    const key = { appId_number: { appId: input.appId, number: input.number } }
    const release = await tx.release.findUnique({ where: key })
    if (!release) throw new AppError('not_found', `There is no release v${input.number} of ${app.subject}.`)
    const isCurrent = app.row.currentReleaseNumber === release.number
    const { appId, actor, now } = input
    const stops = await stopReleaseCommand(tx, { appId, releaseNumber: release.number, now })
    // Another release has taken its place, which waits for the end of this one's command.
    if (stops && !isCurrent) {
      const summary = `Stopped the release command of v${release.number}.`
      await writeAudit(tx, { teamId: app.teamId, actor, action: 'release.cancel', subject: app.subject, summary })
      return release
    }
    if (!isCurrent || !isCancellable(release)) {
      throw new AppError(
        'conflict',
        `v${release.number} is ${releaseWord(release.status).toLowerCase()}: there is nothing to cancel. To leave it, roll back to another release.`,
      )
    }
    const back = await tx.release.findFirst({
      where: { appId: input.appId, number: { lt: release.number }, liveAt: { not: null } },
      orderBy: { number: 'desc' },
    })
    if (back) {
      await writeConfig(db, tx, input.appId, readReleaseConfig(db, back), input.actor.name)
      await restoreOptions(tx, input.appId, back)
    }
    if (back && back.status !== 'live') {
      await tx.release.update({ where: { id: back.id }, data: { status: 'pending', message: null } })
    }
    await tx.app.update({
      where: { id: input.appId },
      data: { currentReleaseNumber: back?.number ?? null, generation: { increment: 1 } },
    })
    const cancelled = await tx.release.update({
      where: key,
      data: { status: 'cancelled', message: `Cancelled by ${input.actor.name}.` },
    })
    await writeAudit(tx, {
      teamId: app.teamId,
      actor: input.actor,
      action: 'release.cancel',
      subject: app.subject,
      summary: `Cancelled v${release.number}${back ? `, back to v${back.number}` : ''}.`,
    })
    await notify(tx, 'slipway_app', input.appId)
    return cancelled
  })
}

export interface ConfigEdit {
  appId: string
  set: Config
  unset: readonly string[]
  actor: Actor
}

/** "Set A, B; remove C", cut where it grows long. */
function describeConfig(changes: readonly ConfigChange[]): string {
  const names = (removed: boolean) => {
    const keys = changes.filter(({ change }) => (change === 'removed') === removed).map(({ key }) => key)
    return keys.length > 4 ? `${keys.slice(0, 3).join(', ')} and ${keys.length - 3} more` : keys.join(', ')
  }
  const set = names(false)
  const removed = names(true)
  if (!removed) return `Set ${set}`
  return set ? `Set ${set}; remove ${removed}` : `Remove ${removed}`
}

/**
 * Sets and unsets config vars in one step. Answers the release that runs with them; the current one when nothing changed, null when
 * nothing is deployed yet. Throws `quota_exceeded`, `too_large`.
 */
export function applyConfig(db: Database, edit: ConfigEdit): Promise<Release | null> {
  return withLockedApp(db, edit.appId, async (tx, app) => {
    const config = { ...(await readConfig(db, tx, edit.appId)) }
    for (const key of edit.unset) delete config[key]
    Object.assign(config, edit.set)
    const changes = await writeConfig(db, tx, edit.appId, config, edit.actor.name)
    const current = app.row.currentRelease
    if (changes.length === 0) return current && findRelease(tx, edit.appId, current.number)
    if (!current) {
      await writeAudit(tx, {
        teamId: app.teamId,
        actor: edit.actor,
        action: 'config.update',
        subject: app.subject,
        summary: `${describeConfig(changes)}.`,
      })
      await notify(tx, 'slipway_app', edit.appId)
      return null
    }
    return insertRelease(db, tx, app, {
      kind: 'config',
      image: current.image,
      processes: readProcesses(current.processes),
      description: describeConfig(changes),
      actor: edit.actor,
      action: 'config.update',
      buildNumber: current.buildNumber,
      commit: current.commit,
      origin: originOf(current),
    })
  })
}

function findRelease(tx: Transaction, appId: string, number: number): Promise<Release> {
  return tx.release.findUniqueOrThrow({ where: { appId_number: { appId, number } } })
}
