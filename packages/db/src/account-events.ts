import { type AccountAction, isFailedSignIn } from '@slipway/domain'
import type { Database } from './database.ts'
import type { AccountEvent } from './generated/client.ts'
import { beforeId, type PageOf, type PageRequest, pageOf } from './pages.ts'
import type { Transaction } from './transaction.ts'

/** Events kept of an account. Failed sign-ins, which strangers can cause, never push out the others. */
const MAX_EVENTS = 400
const MAX_FAILURES = 100
/** The same event from the same address within this time is counted, not repeated. */
const REPEAT_MS = 60 * 60_000

export interface NewAccountEvent {
  userId: string
  action: AccountAction
  /** One plain sentence, without secrets. */
  summary: string
  address: string
}

/** Writes what happened to an account in the transaction in which it happens; drops what is too old. */
export async function writeAccountEvent(tx: Transaction, event: NewAccountEvent): Promise<void> {
  const { userId, action } = event
  await tx.accountEvent.create({ data: event })
  const isFailure = isFailedSignIn(action)
  const kept = { userId, action: isFailure ? action : { not: 'session.failed' } }
  const oldest = await tx.accountEvent.findFirst({
    where: kept,
    orderBy: { id: 'desc' },
    skip: isFailure ? MAX_FAILURES : MAX_EVENTS,
    select: { id: true },
  })
  if (oldest) await tx.accountEvent.deleteMany({ where: { ...kept, id: { lte: oldest.id } } })
}

/** Notes a wrong password where there is such an account; from one address once an hour, with a count. */
export async function writeFailedSignIn(
  db: Database,
  { email, address, now }: { email: string; address: string; now: Date },
): Promise<void> {
  await db.transaction(async (tx) => {
    const user = await tx.user.findUnique({ where: { email }, select: { id: true } })
    if (!user) return
    const { count } = await tx.accountEvent.updateMany({
      where: {
        ...{ userId: user.id, action: 'session.failed', address },
        at: { gt: new Date(now.getTime() - REPEAT_MS) },
      },
      data: { count: { increment: 1 } },
    })
    if (count > 0) return
    const summary = 'Failed sign-in: wrong password.'
    await writeAccountEvent(tx, { userId: user.id, action: 'session.failed', summary, address })
  })
}

/** Newest first. Throws `invalid_input` on a foreign cursor. */
export async function listAccountEvents(
  db: Database,
  userId: string,
  page: PageRequest,
): Promise<PageOf<AccountEvent>> {
  const rows = await db.client.accountEvent.findMany({
    where: { userId, id: beforeId(page.cursor) },
    orderBy: { id: 'desc' },
    take: page.limit + 1,
  })
  return pageOf(rows, page.limit, (row) => row.id)
}
