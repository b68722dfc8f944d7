import { randomBytes } from 'node:crypto'
import { AppError } from '@slipway/domain'
import { type Actor, writeAudit } from './audit.ts'
import type { Database } from './database.ts'
import type { DomainClaim } from './generated/client.ts'
import { lockHosts, routeHost } from './hosts.ts'
import { type LockedApp, withLockedApp } from './locked-app.ts'
import { notify } from './notify.ts'
import type { Transaction } from './transaction.ts'

/**
 * Whether a host belongs to somebody else, as far as is known here: another team has it, a name above it or one below. Cookies reach
 * from a name to those below it, so a stranger among them could harm the others.
 */
export async function isContested(tx: Transaction, hostname: string, teamId: string): Promise<boolean> {
  const labels = hostname.split('.')
  const above = labels.map((_label, at) => labels.slice(at).join('.')).slice(0, -1)
  const found = await tx.domain.findFirst({
    where: {
      OR: [{ hostname: { in: above } }, { hostname: { endsWith: `.${hostname}` } }],
      app: { environment: { project: { teamId: { not: teamId } } } },
    },
  })
  return found !== null
}

/** Keeps a host name for an app until a record in DNS proves that it is theirs. The same again keeps its token. */
export async function claimHost(tx: Transaction, app: LockedApp, hostname: string, actor: Actor): Promise<void> {
  const appId = app.row.id
  const key = { appId_hostname: { appId, hostname } }
  if (await tx.domainClaim.findUnique({ where: key })) return
  await tx.domainClaim.create({ data: { appId, hostname, token: randomBytes(16).toString('hex') } })
  await writeAudit(tx, {
    teamId: app.teamId,
    actor,
    action: 'domain.claim',
    subject: app.subject,
    summary: `Added the host name ${hostname}; it is not verified yet.`,
  })
  await notify(tx, 'slipway_app', appId)
}

/** Throws `not_found`. */
export async function getClaim(db: Database, appId: string, hostname: string): Promise<DomainClaim> {
  const claim = await db.client.domainClaim.findUnique({ where: { appId_hostname: { appId, hostname } } })
  if (!claim) throw new AppError('not_found', `${hostname} is not waiting for verification. Add it first.`)
  return claim
}

/** Writes down that DNS does not prove it yet. */
export function noteUnproven(db: Database, claim: DomainClaim, problem: string, now: Date): Promise<void> {
  return db.transaction(async (tx) => {
    const { appId, hostname } = claim
    await tx.domainClaim.updateMany({ where: { appId, hostname }, data: { checkedAt: now, problem } })
    await notify(tx, 'slipway_app', appId)
  })
}

/** The host is theirs: it leads to their app from now on, no matter who had it before. */
export function acceptClaim(db: Database, claim: DomainClaim, actor: Actor): Promise<void> {
  const { appId, hostname } = claim
  return withLockedApp(db, appId, async (tx, app) => {
    await lockHosts(tx)
    const { count } = await tx.domainClaim.deleteMany({ where: { appId, hostname, token: claim.token } })
    if (count === 0) return
    await takeFromOthers(tx, appId, hostname)
    await routeHost(tx, app, hostname, actor, `Verified and added the host name ${hostname}.`)
  })
}

async function takeFromOthers(tx: Transaction, appId: string, hostname: string): Promise<void> {
  const known = await tx.domain.findUnique({
    where: { hostname },
    include: { app: { include: { environment: { include: { project: true } } } } },
  })
  if (known === null || known.appId === appId) return
  await tx.domain.delete({ where: { hostname } })
  await tx.app.update({ where: { id: known.appId }, data: { generation: { increment: 1 } } })
  await writeAudit(tx, {
    teamId: known.app.environment.project.teamId,
    // Who took it is another team's affair.
    actor: { name: 'Slipway', email: 'slipway' },
    action: 'domain.remove',
    subject: known.app.slug,
    summary: `Removed the host name ${hostname}: another team proved in DNS that it is theirs.`,
  })
  await notify(tx, 'slipway_app', known.appId)
}
