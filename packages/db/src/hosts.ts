import { createHash } from 'node:crypto'
import { type AppRef, appPath } from '@slipway/domain'
import { type Actor, writeAudit } from './audit.ts'
import type { LockedApp } from './locked-app.ts'
import { notify } from './notify.ts'
import type { Transaction } from './transaction.ts'

const LABEL_MAX = 63
const HASH_LENGTH = 6

/** Serialises the handing out of host names, generated and chosen, until the transaction ends. */
export async function lockHosts(tx: Transaction): Promise<void> {
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
  const generated = appsDomain === null ? null : `${plain}.${appsDomain}`
  const [found] = await tx.$queryRaw<{ isTaken: boolean }[]>`
    SELECT EXISTS (SELECT 1 FROM apps WHERE "hostPrefix" = ${plain})
      OR EXISTS (SELECT 1 FROM domains WHERE hostname = ${generated}) AS "isTaken"`
  return found?.isTaken ? prefixOf(ref, true) : plain
}

/** Makes a host lead to an app, in the caller's transaction and under `lockHosts`. */
export async function routeHost(
  tx: Transaction,
  app: LockedApp,
  hostname: string,
  actor: Actor,
  summary: string,
): Promise<void> {
  const appId = app.row.id
  await tx.domain.create({ data: { hostname, appId } })
  await tx.domainClaim.deleteMany({ where: { appId, hostname } })
  await tx.app.update({ where: { id: appId }, data: { generation: { increment: 1 } } })
  await writeAudit(tx, { teamId: app.teamId, actor, action: 'domain.add', subject: app.subject, summary })
  await notify(tx, 'slipway_app', appId)
}
