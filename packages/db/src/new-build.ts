import { AppError } from '@slipway/domain'
import { type Actor, writeAudit } from './audit.ts'
import type { Database } from './database.ts'
import type { Build } from './generated/client.ts'
import { withLockedApp } from './locked-app.ts'
import { notify } from './notify.ts'

export interface NewBuild {
  appId: string
  trigger: 'push' | 'webhook' | 'manual'
  /** 40 or 64 hex digits. */
  commit: string
  branch: string
  /** First line of the commit's message. */
  message: string
  actor: Actor
  /** Name under which the source store keeps the tree; it must be complete already. */
  sourceName: string
  /** Row of the delivery that asked for it. */
  deliveryId?: string
}

const HOW = { push: 'by git push', webhook: 'by webhook', manual: 'by hand' } as const

/** What became of a wish to build. `existing`: the same commit is being built, or is what the app runs already. */
export interface BuildBegun {
  build: Build
  existing: boolean
}

/**
 * Inserts a build that is wanted: takes the app's next number under its lock, writes the audit event and tells the controllers.
 * - A push of a commit that is on its way, or that the current release was built from, answers that build.
 * - The same delivery always answers the same build.
 * Throws `not_found` when the app is going, `conflict` when another push is being built.
 */
export function createBuild(db: Database, input: NewBuild): Promise<BuildBegun> {
  const { appId, trigger, commit, branch, actor } = input
  return withLockedApp(db, appId, async (tx, app) => {
    if (input.deliveryId) {
      const known = await tx.build.findUnique({ where: { deliveryId: input.deliveryId } })
      if (known) return { build: known, existing: true }
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
    await tx.app.update({ where: { id: appId }, data: { buildCount: number } })
    const build = await tx.build.create({
      data: {
        appId,
        number,
        trigger,
        commit,
        branch,
        message: input.message.slice(0, 300),
        by: actor.name,
        byEmail: actor.email,
        sourceName: input.sourceName,
        deliveryId: input.deliveryId,
      },
    })
    await writeAudit(tx, {
      teamId: app.teamId,
      actor,
      action: 'build.create',
      subject: app.subject,
      summary: `Began build ${number} of ${commit.slice(0, 7)} from ${branch}, ${HOW[trigger]}.`,
    })
    await notify(tx, 'slipway_build', build.id)
    await notify(tx, 'slipway_app', appId)
    return { build, existing: false }
  })
}
