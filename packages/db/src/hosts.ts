import { createHash } from 'node:crypto'
import { AppError, type AppRef, appPath } from '@slipway/domain'
import { type Actor, writeAudit } from './audit.ts'
import type { Database } from './database.ts'
import { withLockedApp } from './locked-app.ts'
import { notify } from './notify.ts'
import type { Transaction } from './transaction.ts'

const LABEL_MAX = 63
const HASH_LENGTH = 6
const MAX_DOMAINS = 50

/** Serialises the handing out of host names, generated and chosen, until the transaction ends. */
async function lockHosts(tx: Transaction): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtext('slipway.hosts'))`
}

/** `<app>.<project>-<environment>`; with a hash of the whole path where that is too long for a DNS label, or taken. */
function prefixOf(ref: AppRef, withHash: boolean): string {
  const label = `${ref.project}-${ref.environment}`
  if (!withHash && label.length <= LABEL_MAX) return `${ref.app}.${label}`
  const hash = createHash('sha256').update(appPath(ref)).digest('hex').slice(0, HASH_LENGTH)
  return `${ref.app}.${label.slice(0, LABEL_MAX - HASH_LENGTH - 1).replace(/-+$/, '')}-${hash}`
}

/** The left part of a new app's generated host, which no other app of any team has. `appsDomain` null: nothing generates hosts. */
export async function chooseHostPrefix(tx: Transaction, ref: AppRef, appsDomain: string | null): Promise<string> {
  await lockHosts(tx)
  const plain = prefixOf(ref, false)
  const isTaken =
    (await tx.app.count({ where: { hostPrefix: plain } })) > 0 ||
    (appsDomain !== null && (await tx.domain.count({ where: { hostname: `${plain}.${appsDomain}` } })) > 0)
  return isTaken ? prefixOf(ref, true) : plain
}

export interface DomainChange {
  appId: string
  hostname: string
  appsDomain: string | null
  actor: Actor
}

/** Leads a host name to an app. Throws `conflict` when it leads elsewhere already. The same again changes nothing. */
export function addDomain(db: Database, { appId, hostname, appsDomain, actor }: DomainChange): Promise<void> {
  return withLockedApp(db, appId, async (tx, app) => {
    await lockHosts(tx)
    const known = await tx.domain.findUnique({ where: { hostname } })
    if (known?.appId === appId) return
    const suffix = appsDomain === null ? null : `.${appsDomain}`
    const prefix = suffix !== null && hostname.endsWith(suffix) ? hostname.slice(0, -suffix.length) : null
    if (prefix !== null && prefix === app.row.hostPrefix) return
    const isGenerated = prefix !== null && (await tx.app.count({ where: { hostPrefix: prefix } })) > 0
    if (known || isGenerated) {
      throw new AppError('conflict', `${hostname} leads to another app already. Remove it there first.`)
    }
    if ((await tx.domain.count({ where: { appId } })) >= MAX_DOMAINS) {
      throw new AppError('conflict', `An app can have ${MAX_DOMAINS} host names. Remove one first.`)
    }
    await tx.domain.create({ data: { hostname, appId } })
    await tx.app.update({ where: { id: appId }, data: { generation: { increment: 1 } } })
    await writeAudit(tx, {
      teamId: app.teamId,
      actor,
      action: 'domain.add',
      subject: app.subject,
      summary: `Added the host name ${hostname}.`,
    })
    await notify(tx, 'slipway_app', appId)
  })
}

/** Takes a host name from an app. Throws `not_found`. */
export function removeDomain(
  db: Database,
  { appId, hostname, actor }: Omit<DomainChange, 'appsDomain'>,
): Promise<void> {
  return withLockedApp(db, appId, async (tx, app) => {
    const { count } = await tx.domain.deleteMany({ where: { hostname, appId } })
    if (count === 0) throw new AppError('not_found', `${hostname} is not a host name of ${app.subject}.`)
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
