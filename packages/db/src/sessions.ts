import { AppError } from '@slipway/domain'
import { writeAccountEvent } from './account-events.ts'
import type { SessionUser } from './accounts.ts'
import type { Database } from './database.ts'
import type { Session } from './generated/client.ts'
import { notify } from './notify.ts'
import type { Transaction } from './transaction.ts'

/** Sessions of one account; the one that was used longest ago makes room. */
const MAX_SESSIONS = 100
/** A session's last use is written at most this often. */
const TOUCH_INTERVAL_MS = 60_000

/** How long sessions last. */
export interface SessionLifetime {
  /** Since the session was last used. */
  idleMs: number
  /** Since its sign-in. */
  maxMs: number
}

/** Where a session is used. */
export interface SessionOrigin {
  device: string
  address: string
}

function openOnly(lifetime: SessionLifetime, now: Date) {
  const before = (ms: number) => new Date(now.getTime() - ms)
  return { createdAt: { gt: before(lifetime.maxMs) }, lastUsedAt: { gt: before(lifetime.idleMs) } }
}

/** Opens a session of an account that has proved itself. */
export function createSession(db: Database, input: { userId: string; now: Date } & SessionOrigin): Promise<Session> {
  const { userId, device, address, now } = input
  return db.transaction(async (tx) => {
    await tx.$queryRaw`SELECT id FROM users WHERE id = ${userId}::uuid FOR UPDATE`
    const excess = await tx.session.findMany({
      where: { userId },
      orderBy: { lastUsedAt: 'desc' },
      skip: MAX_SESSIONS - 1,
      select: { id: true },
    })
    if (excess.length > 0) await tx.session.deleteMany({ where: { id: { in: excess.map(({ id }) => id) } } })
    await writeAccountEvent(tx, { userId, action: 'session.create', summary: `Signed in with ${device}.`, address })
    const at = { createdAt: now, lastUsedAt: now, authenticatedAt: now }
    return tx.session.create({ data: { userId, device, address, ...at } })
  })
}

/** The account of a session; null when the session has ended or was never there. */
export async function findSession(
  db: Database,
  { id, userId }: { id: string; userId: string },
  lifetime: SessionLifetime,
  now: Date,
): Promise<{ user: SessionUser; lastUsedAt: Date } | null> {
  const session = await db.client.session.findFirst({
    where: { id, userId, user: { deactivatedAt: null }, ...openOnly(lifetime, now) },
    include: { user: true },
  })
  if (!session) return null
  const { email, name, operator } = session.user
  return { user: { userId, email, name, operator }, lastUsedAt: session.lastUsedAt }
}

/** Notes that a session was used, where that was not noted within the last minute. */
export async function touchSession(
  db: Database,
  session: { id: string; lastUsedAt: Date; address: string },
  now: Date,
): Promise<void> {
  if (now.getTime() - session.lastUsedAt.getTime() < TOUCH_INTERVAL_MS) return
  const { id, address } = session
  await db.client.session.updateMany({ where: { id }, data: { lastUsedAt: now, address } })
}

/** Open sessions of an account, the last used first. */
export function listSessions(db: Database, userId: string, lifetime: SessionLifetime, now: Date): Promise<Session[]> {
  return db.client.session.findMany({
    where: { userId, ...openOnly(lifetime, now) },
    orderBy: { lastUsedAt: 'desc' },
    take: MAX_SESSIONS,
  })
}

/** Ends a session of the account because its owner leaves. One that has ended already is fine. */
export async function endSession(db: Database, input: { userId: string; id: string; address: string }): Promise<void> {
  const { userId, id, address } = input
  await db.transaction(async (tx) => {
    const { count } = await tx.session.deleteMany({ where: { id, userId } })
    if (count === 0) return
    await writeAccountEvent(tx, { userId, action: 'session.end', summary: 'Signed out.', address })
    await notify(tx, 'slipway_account', userId)
  })
}

/** Ends another session of the account. Throws `not_found`. */
export async function revokeSession(
  db: Database,
  input: { userId: string; id: string; address: string },
): Promise<void> {
  const { userId, id, address } = input
  await db.transaction(async (tx) => {
    const session = await tx.session.findFirst({ where: { id, userId } })
    if (!session) throw new AppError('not_found', 'This session has already ended.')
    await tx.session.deleteMany({ where: { id } })
    const summary = `Ended the session with ${session.device}.`
    await writeAccountEvent(tx, { userId, action: 'session.revoke', summary, address })
    await notify(tx, 'slipway_account', userId)
  })
}

/** Ends every session of the account but one. Answers how many. */
export function revokeOtherSessions(
  db: Database,
  input: { userId: string; keep: string | null; address: string },
): Promise<number> {
  const { userId, keep, address } = input
  return db.transaction(async (tx) => {
    const count = await endSessions(tx, userId, keep)
    const summary = `Ended ${count} other ${count === 1 ? 'session' : 'sessions'}.`
    if (count > 0) await writeAccountEvent(tx, { userId, action: 'session.revoke', summary, address })
    return count
  })
}

/** Ends the sessions of an account in the caller's transaction, but for `keep`. Open streams end with them. */
export async function endSessions(tx: Transaction, userId: string, keep: string | null): Promise<number> {
  const { count } = await tx.session.deleteMany({ where: { userId, ...(keep === null ? {} : { id: { not: keep } }) } })
  await notify(tx, 'slipway_account', userId)
  return count
}

/** When the password of a session was last given; null for sessions that have ended. */
export async function readAuthenticatedAt(db: Database, id: string): Promise<Date | null> {
  const session = await db.client.session.findUnique({ where: { id }, select: { authenticatedAt: true } })
  return session?.authenticatedAt ?? null
}

/** Notes that the password was given once more. */
export async function confirmSession(db: Database, id: string, now: Date): Promise<void> {
  await db.client.session.updateMany({ where: { id }, data: { authenticatedAt: now } })
}
