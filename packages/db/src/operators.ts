import { AppError, type TeamCreation } from '@slipway/domain'
import type { Actor } from './audit.ts'
import type { Database } from './database.ts'
import type { OperatorEvent, Prisma, User } from './generated/client.ts'
import { beforeId, type PageOf, type PageRequest, pageOf } from './pages.ts'
import { endSessions } from './sessions.ts'
import type { Transaction } from './transaction.ts'

export interface NewOperatorEvent {
  actor: Actor
  action: string
  subject: string
  /** One plain sentence, without secrets. */
  summary: string
}

/** Writes what an operator did in the transaction in which it happens. */
export async function writeOperatorEvent(tx: Transaction, event: NewOperatorEvent): Promise<void> {
  await tx.operatorEvent.create({ data: { ...event, actor: event.actor.email } })
}

/** Newest first. Throws `invalid_input` on a foreign cursor. */
export async function listOperatorEvents(db: Database, page: PageRequest): Promise<PageOf<OperatorEvent>> {
  const rows = await db.client.operatorEvent.findMany({
    where: { id: beforeId(page.cursor) },
    orderBy: { id: 'desc' },
    take: page.limit + 1,
  })
  return pageOf(rows, page.limit, (row) => row.id)
}

/** A part of a name or an address, taken as it is typed. */
export function containing(search: string): Prisma.StringFilter {
  return { contains: search.replace(/[\\%_]/g, '\\$&'), mode: 'insensitive' }
}

export type AccountRow = User & { memberships: { team: { slug: string } }[] }

/** Accounts, newest first. */
export async function listAccounts(
  db: Database,
  { search, ...page }: PageRequest & { search: string },
): Promise<PageOf<AccountRow>> {
  const matches = search === '' ? {} : { OR: [{ email: containing(search) }, { name: containing(search) }] }
  const rows = await db.client.user.findMany({
    where: { id: beforeId(page.cursor), ...matches },
    include: { memberships: { select: { team: { select: { slug: true } } }, orderBy: { joinedAt: 'asc' } } },
    orderBy: { id: 'desc' },
    take: page.limit + 1,
  })
  return pageOf(rows, page.limit, (row) => row.id)
}

/** Names of the active operators, those of longest standing first. */
export async function listOperatorNames(db: Database, limit: number): Promise<string[]> {
  const rows = await db.client.user.findMany({
    where: { operator: true, deactivatedAt: null },
    orderBy: { id: 'asc' },
    take: limit,
    select: { name: true },
  })
  return rows.map(({ name }) => name)
}

/** Locks the operators against each other, so that two who leave at once never leave none. */
async function lockOperators(tx: Transaction): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtext('slipway.operators'))`
}

async function accountToChange(tx: Transaction, email: string): Promise<User> {
  await lockOperators(tx)
  const user = await tx.user.findUnique({ where: { email } })
  if (!user) throw new AppError('not_found', `There is no account ${email}.`)
  return user
}

async function checkOperatorStays(tx: Transaction, leaving: User): Promise<void> {
  if (!leaving.operator || leaving.deactivatedAt) return
  const others = await tx.user.count({ where: { operator: true, deactivatedAt: null, id: { not: leaving.id } } })
  if (others > 0) return
  throw new AppError('conflict', `${leaving.email} is the only operator. Make another account an operator first.`)
}

/** Makes an account operator, or takes that back. Throws `not_found`, `conflict` for the last operator. */
export function setOperator(db: Database, input: { email: string; operator: boolean; actor: Actor }): Promise<void> {
  const { email, operator, actor } = input
  return db.transaction(async (tx) => {
    const user = await accountToChange(tx, email)
    if (user.operator === operator) return
    if (operator && user.deactivatedAt) {
      throw new AppError('conflict', `${email} is deactivated. Reactivate it first.`)
    }
    if (!operator) await checkOperatorStays(tx, user)
    await tx.user.update({ where: { id: user.id }, data: { operator } })
    const summary = operator ? `Made ${email} an operator.` : `${email} is no longer an operator.`
    await writeOperatorEvent(tx, { actor, action: 'account.setOperator', subject: email, summary })
  })
}

/**
 * Deactivates an account, or takes that back. Deactivated, its sessions have ended and its tokens are refused; reactivated, people
 * sign in again and the tokens count again. Throws `not_found`, `conflict` for the last operator.
 */
export function setActive(
  db: Database,
  input: { email: string; active: boolean; actor: Actor; now: Date },
): Promise<void> {
  const { email, active, actor, now } = input
  return db.transaction(async (tx) => {
    const user = await accountToChange(tx, email)
    if ((user.deactivatedAt === null) === active) return
    if (!active) await checkOperatorStays(tx, user)
    await tx.user.update({ where: { id: user.id }, data: { deactivatedAt: active ? null : now } })
    if (!active) await endSessions(tx, user.id, null)
    const [action, summary] = active
      ? ['account.reactivate', `Reactivated ${email}.`]
      : ['account.deactivate', `Deactivated ${email}.`]
    await writeOperatorEvent(tx, { actor, action, subject: email, summary })
  })
}

/** What operators set for the whole installation. */
export async function readInstallationSettings(
  db: Pick<Database, 'client'> | { client: Transaction },
): Promise<{ teamCreation: TeamCreation }> {
  const row = await db.client.installationSettings.findUnique({ where: { id: 1 } })
  return { teamCreation: row?.teamCreation ?? 'everyone' }
}

export function setInstallationSettings(
  db: Database,
  input: { teamCreation: TeamCreation; actor: Actor },
): Promise<void> {
  const { teamCreation, actor } = input
  return db.transaction(async (tx) => {
    await tx.installationSettings.upsert({ where: { id: 1 }, create: { teamCreation }, update: { teamCreation } })
    const summary = `Let ${teamCreation === 'everyone' ? 'everyone' : 'only operators'} create teams.`
    await writeOperatorEvent(tx, { actor, action: 'settings.update', subject: 'installation', summary })
  })
}
