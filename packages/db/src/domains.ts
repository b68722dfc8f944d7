import { AppError } from '@slipway/domain'
import { type Actor, writeAudit } from './audit.ts'
import type { Database } from './database.ts'
import { claimHost, isContested } from './domain-claims.ts'
import { lockHosts, routeHost } from './hosts.ts'
import { withLockedApp } from './locked-app.ts'
import { notify } from './notify.ts'

const MAX_DOMAINS = 50

export interface DomainChange {
  appId: string
  hostname: string
  actor: Actor
}

/** What became of a wish: the host leads to the app, or waits for a proof of whose it is. */
type DomainAdded = 'added' | 'claimed'

/**
 * Leads a host name to an app; where `needsProof`, or where another team has it or one that is above or below it, DNS has to prove
 * first whose it is. Throws `conflict` when another app of the team has it. The same again changes nothing.
 */
export function addDomain(
  db: Database,
  { appId, hostname, actor, needsProof }: DomainChange & { needsProof: boolean },
): Promise<DomainAdded> {
  return withLockedApp(db, appId, async (tx, app) => {
    await lockHosts(tx)
    const known = await tx.domain.findUnique({
      where: { hostname },
      include: { app: { include: { environment: { include: { project: true } } } } },
    })
    if (known?.appId === appId) return 'added'
    if (known?.app.environment.project.teamId === app.teamId) {
      throw new AppError('conflict', `${hostname} already points to another app. Remove it there first.`)
    }
    const count = (await tx.domain.count({ where: { appId } })) + (await tx.domainClaim.count({ where: { appId } }))
    if (count >= MAX_DOMAINS) {
      throw new AppError('conflict', `An app can have ${MAX_DOMAINS} host names. Remove one first.`)
    }
    if (needsProof || (await isContested(tx, hostname, app.teamId))) {
      await claimHost(tx, app, hostname, actor)
      return 'claimed'
    }
    await routeHost(tx, app, hostname, actor, `Added the host name ${hostname}.`)
    return 'added'
  })
}

/** Takes a host name from an app, or its wish for one. Throws `not_found`. */
export function removeDomain(db: Database, { appId, hostname, actor }: DomainChange): Promise<void> {
  return withLockedApp(db, appId, async (tx, app) => {
    const claims = await tx.domainClaim.deleteMany({ where: { hostname, appId } })
    const { count } = await tx.domain.deleteMany({ where: { hostname, appId } })
    if (count + claims.count === 0) throw new AppError('not_found', `${hostname} is not a host name of ${app.subject}.`)
    await tx.app.update({ where: { id: appId }, data: { generation: { increment: 1 } } })
    await writeAudit(tx, {
      teamId: app.teamId,
      actor,
      action: 'domain.remove',
      subject: app.subject,
      summary: `Removed the host name ${hostname}.`,
    })
    await notify(tx, 'slipway_app', appId)
  })
}
