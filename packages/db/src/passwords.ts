import { type AccountAction, AppError } from '@slipway/domain'
import { writeAccountEvent } from './account-events.ts'
import type { Database } from './database.ts'
import { endSessions } from './sessions.ts'
import { revokeTokens } from './tokens.ts'
import type { Transaction } from './transaction.ts'

export interface PasswordChange {
  userId: string
  passwordHash: string
  /** The session or token that changes it, which stays; null: none does. */
  keep: string | null
  revokesTokens: boolean
  address: string
  now: Date
}

/** Changes the password. Every other session of the account ends and, where asked for, every other API token. */
export async function setPassword(db: Database, change: PasswordChange): Promise<void> {
  await db.transaction((tx) =>
    changePassword(tx, { ...change, action: 'password.change', summary: 'Changed the password' }),
  )
}

/** As setPassword, in the caller's transaction; `summary` is a sentence without its full stop. */
async function changePassword(
  tx: Transaction,
  change: PasswordChange & { action: AccountAction; summary: string },
): Promise<void> {
  const { userId, passwordHash, keep, revokesTokens, address, now } = change
  await tx.user.update({ where: { id: userId }, data: { passwordHash, sessionVersion: { increment: 1 } } })
  await tx.passwordReset.deleteMany({ where: { userId } })
  // Someone with the old password may have approved them; they hold no token yet.
  await tx.deviceLogin.deleteMany({ where: { userId } })
  const sessions = await endSessions(tx, userId, keep)
  const tokens = revokesTokens ? await revokeTokens(tx, { userId, keep, now }) : 0
  const ended = [counted(sessions, 'session'), counted(tokens, 'API token')].filter((text) => text !== null)
  const summary = ended.length === 0 ? `${change.summary}.` : `${change.summary}, which ended ${ended.join(' and ')}.`
  await writeAccountEvent(tx, { userId, action: change.action, summary, address })
}

const counted = (count: number, what: string) => (count === 0 ? null : `${count} ${what}${count === 1 ? '' : 's'}`)

export interface NewPasswordReset {
  email: string
  tokenHash: string
  expiresAt: Date
  /** Who made the link, for the account's activity; a sentence. */
  summary: string
  address: string
}

/** Lets the holder of a link's secret set a new password; an earlier link of the account ends. Throws `not_found`. */
export async function createPasswordReset(db: Database, input: NewPasswordReset): Promise<void> {
  const { email, tokenHash, expiresAt, summary, address } = input
  await db.transaction(async (tx) => {
    const user = await tx.user.findUnique({ where: { email }, select: { id: true } })
    if (!user) throw new AppError('not_found', `There is no account ${email}.`)
    const userId = user.id
    const data = { tokenHash, expiresAt }
    await tx.passwordReset.upsert({ where: { userId }, create: { userId, ...data }, update: data })
    await writeAccountEvent(tx, { userId, action: 'password.resetLink', summary, address })
  })
}

/** The account that a link is for. Throws `not_found` when it has ended or was used. */
export async function getPasswordReset(
  { client }: { client: Transaction },
  tokenHash: string,
  now: Date,
): Promise<{ userId: string; email: string }> {
  const reset = await client.passwordReset.findFirst({
    where: { tokenHash, expiresAt: { gt: now } },
    include: { user: { select: { email: true } } },
  })
  if (!reset)
    throw new AppError('not_found', 'This link has expired or was already used. Ask an operator for a new one.')
  return { userId: reset.userId, email: reset.user.email }
}

/** Uses up a link: sets the password and ends every session and, where asked for, every API token. Throws `not_found`. */
export async function resetPassword(
  db: Database,
  { tokenHash, ...change }: Omit<PasswordChange, 'userId' | 'keep'> & { tokenHash: string },
): Promise<void> {
  await db.transaction(async (tx) => {
    const { userId } = await getPasswordReset({ client: tx }, tokenHash, change.now)
    // Deleting takes the row's lock: of two that use a link at once, one finds nothing.
    const { count } = await tx.passwordReset.deleteMany({ where: { tokenHash } })
    if (count === 0) throw new AppError('not_found', 'This link was used just now.')
    const summary = 'Set a new password with a link'
    await changePassword(tx, { ...change, userId, keep: null, action: 'password.reset', summary })
  })
}
