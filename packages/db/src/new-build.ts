import { AppError, plainLine } from '@slipway/domain'
import { type Actor, writeAudit } from './audit.ts'
import type { Database } from './database.ts'
import type { Build } from './generated/client.ts'
import { type LockedApp, withLockedApp } from './locked-app.ts'
import { notify } from './notify.ts'
import type { Transaction } from './transaction.ts'

export interface NewBuild {
  appId: string
  trigger: 'push' | 'webhook' | 'manual'
  /** 40 or 64 hex digits. */
  commit: string
  branch: string
  /** First line of the commit's message. */
  message: string
  actor: Actor
  /** Row of the delivery that asked for it. */
  deliveryId?: string
}

const HOW = { push: 'by git push', webhook: 'by webhook', manual: 'by hand' } as const

/** What became of a wish to build. `existing`: the same commit is being built, or is already running. */
export interface BuildBegun {
  build: Build
  existing: boolean
}

/**
 * Inserts a build that is wanted: takes the app's next number under its lock, writes the audit event and tells the controllers.
 * - A push of a commit that is on its way, or that the current release was built from, answers that build.
 * - The same delivery always answers the same build; another delivery of the same commit and branch answers the build that is on its
 *   way, or that the app runs.
 * - A commit that is asked for by hand is built again, unless it waits for that already.
 * Throws `not_found` when the app is going, `conflict` when another push is being built.
 */
export function createBuild(db: Database, input: NewBuild): Promise<BuildBegun> {
  const { appId, trigger, commit, branch, actor } = input
  return withLockedApp(db, appId, async (tx, app) => {
    if (input.deliveryId) {
      const known = await tx.build.findUnique({ where: { deliveryId: input.deliveryId } })
      if (known) return { build: known, existing: true }
    }
    if (trigger === 'webhook') {
      const same = await findSame(tx, app, commit, branch)
      if (same) return { build: same, existing: true }
    }
    if (trigger === 'manual') {
      const waiting = await tx.build.findFirst({
        where: { appId, trigger: 'manual', commit, branch, status: 'queued', cancelRequestedAt: null },
      })
      if (waiting) return { build: waiting, existing: true }
    }
    if (trigger === 'push') {
      const active = await tx.build.findFirst({
        where: { appId, trigger: 'push', status: { in: ['queued', 'running'] } },
        orderBy: { number: 'desc' },
      })
      if (active?.commit === commit && !active.cancelRequestedAt) return { build: active, existing: true }
      if (active) {
        throw new AppError(
          'conflict',
          `Build ${active.number} of ${active.commit.slice(0, 7)} is still ${active.status}. Wait for it or cancel it, then push again.`,
          { build: active.number },
        )
      }
      const current = app.row.currentRelease
      // Releases that followed of config alone carry the number of the build they came from.
      const released = current?.buildNumber
        ? await tx.build.findFirst({ where: { appId, number: current.buildNumber, commit, status: 'succeeded' } })
        : null
      if (released) return { build: released, existing: true }
    }
    const number = app.row.buildCount + 1
    // The first push chooses the branch that is deployed.
    const chosen = trigger === 'push' && app.row.deployBranch === null ? { deployBranch: branch } : {}
    await tx.app.update({ where: { id: appId }, data: { buildCount: number, ...chosen } })
    const build = await tx.build.create({
      data: {
        appId,
        number,
        trigger,
        commit,
        branch,
        message: plainLine(input.message).slice(0, 300),
        by: actor.name,
        byEmail: actor.email,
        deliveryId: input.deliveryId,
      },
    })
    await writeAudit(tx, {
      teamId: app.teamId,
      actor,
      action: 'build.create',
      subject: app.subject,
      summary: `Started build ${number} of ${commit.slice(0, 7)} from ${branch}, ${HOW[trigger]}.`,
    })
    await notify(tx, 'slipway_build', build.id)
    await notify(tx, 'slipway_app', appId)
    return { build, existing: false }
  })
}

/** Hosts announce one commit many times: by several hooks, redelivered, or pushed again by a bot. */
async function findSame(tx: Transaction, { row }: LockedApp, commit: string, branch: string): Promise<Build | null> {
  const active = await tx.build.findFirst({
    where: { appId: row.id, commit, branch, status: { in: ['queued', 'running'] }, cancelRequestedAt: null },
  })
  if (active !== null || !row.currentRelease?.buildNumber) return active
  return tx.build.findFirst({
    where: { appId: row.id, number: row.currentRelease.buildNumber, commit, branch, status: 'succeeded' },
  })
}
