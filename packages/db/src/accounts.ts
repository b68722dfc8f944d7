import { AppError } from '@slipway/domain'
import type { Database } from './database.ts'
import { orConflict } from './errors.ts'
import type { Role, User } from './generated/client.ts'
import type { Transaction } from './transaction.ts'

export interface SessionUser {
  userId: string
  email: string
  name: string
  operator: boolean
}

export interface NewAccount {
  /** Lower case. */
  email: string
  name: string
  passwordHash: string
}

/** Serialises what depends on whether there is an account yet, until the transaction ends. */
async function lockAccounts(tx: Transaction): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtext('slipway.accounts'))`
}

export async function hasAccounts(db: Database): Promise<boolean> {
  return (await db.client.user.findFirst({ select: { id: true } })) !== null
}

/** Makes the first account, the operator's. Throws `conflict` when there is one already. */
export function createFirstAccount(db: Database, account: NewAccount): Promise<User> {
  return db.transaction(async (tx) => {
    await lockAccounts(tx)
    if (await tx.user.findFirst({ select: { id: true } })) {
      throw new AppError(
        'conflict',
        'This installation already has its first account. Sign in, or ask for an invitation.',
      )
    }
    return tx.user.create({ data: { ...account, operator: true } })
  })
}

/** Makes the account for an unattended start, unless an account exists. Answers whether it was made. */
export async function createAccountIfNone(db: Database, account: NewAccount): Promise<boolean> {
  return db.transaction(async (tx) => {
    await lockAccounts(tx)
    if (await tx.user.findFirst({ select: { id: true } })) return false
    await tx.user.create({ data: { ...account, operator: true } })
    return true
  })
}

/** Makes an account in the caller's transaction. Throws `conflict` when the address is taken. */
export function insertAccount(tx: Transaction, account: NewAccount): Promise<User> {
  return orConflict('An account with this e-mail address already exists. Sign in.', () =>
    tx.user.create({ data: account }),
  )
}

export function findAccountByEmail(db: Database, email: string): Promise<User | null> {
  return db.client.user.findUnique({ where: { email } })
}

/** Throws `not_found`. */
export async function getAccount(
  db: Database,
  userId: string,
): Promise<User & { teams: { slug: string; name: string; role: Role }[] }> {
  const user = await db.client.user.findUnique({
    where: { id: userId },
    include: { memberships: { include: { team: true }, orderBy: { joinedAt: 'asc' } } },
  })
  if (!user) throw new AppError('not_found', 'This account has been deleted.')
  const { memberships, ...account } = user
  return { ...account, teams: memberships.map(({ role, team }) => ({ slug: team.slug, name: team.name, role })) }
}
