import { AppError, type TokenScope } from '@slipway/domain'
import { writeAccountEvent } from './account-events.ts'
import type { SessionUser } from './accounts.ts'
import type { Database } from './database.ts'
import type { ApiToken } from './generated/client.ts'
import { notify } from './notify.ts'
import type { Transaction } from './transaction.ts'

/** A token's last use is written at most this often. */
const TOUCH_INTERVAL_MS = 60_000
/** Tokens of one account that count at the same time. */
const MAX_TOKENS = 100

export interface TokenUser {
  tokenId: string
  scope: TokenScope
  lastUsedAt: Date | null
  revokedAt: Date | null
  expiresAt: Date | null
  /** The account is deactivated. */
  deactivated: boolean
  user: SessionUser
}

/** The account that an API token stands for, by the SHA-256 of its secret. Whether it still counts is the caller's to check. */
export async function findTokenUser(db: Database, hash: string): Promise<TokenUser | null> {
  const token = await db.client.apiToken.findUnique({ where: { hash }, include: { user: true } })
  if (!token) return null
  const { id, email, name, operator } = token.user
  return {
    tokenId: token.id,
    scope: token.scope,
    lastUsedAt: token.lastUsedAt,
    revokedAt: token.revokedAt,
    expiresAt: token.expiresAt,
    deactivated: token.user.deactivatedAt !== null,
    user: { userId: id, email, name, operator },
  }
}

/** Notes that a token was used, where that was not noted within the last minute. */
export async function touchToken(
  db: Database,
  { tokenId, lastUsedAt }: Pick<TokenUser, 'tokenId' | 'lastUsedAt'>,
  now: Date,
): Promise<void> {
  if (lastUsedAt !== null && now.getTime() - lastUsedAt.getTime() < TOUCH_INTERVAL_MS) return
  await db.client.apiToken.updateMany({ where: { id: tokenId }, data: { lastUsedAt: now } })
}

/** Tokens that were not revoked, newest first; expired ones are among them. */
export function listTokens(db: Database, userId: string): Promise<ApiToken[]> {
  return db.client.apiToken.findMany({ where: { userId, revokedAt: null }, orderBy: { id: 'desc' }, take: MAX_TOKENS })
}

export interface NewToken {
  userId: string
  name: string
  hash: string
  hint: string
  scope: TokenScope
  expiresAt: Date | null
}

/** Stores a token's hash. Throws `conflict` when the account has too many. */
export function createToken(db: Database, token: NewToken, use: TokenUse): Promise<ApiToken> {
  return db.transaction((tx) => insertToken(tx, token, use))
}

/** As createToken, in the caller's transaction. */
export async function insertToken(tx: Transaction, token: NewToken, { now, address }: TokenUse): Promise<ApiToken> {
  await tx.$queryRaw`SELECT id FROM users WHERE id = ${token.userId}::uuid FOR UPDATE`
  // Expired ones make room: they count for nothing, and nobody looks for them.
  await tx.apiToken.deleteMany({ where: { userId: token.userId, expiresAt: { lt: now } } })
  if ((await tx.apiToken.count({ where: { userId: token.userId, revokedAt: null } })) >= MAX_TOKENS) {
    throw new AppError('conflict', `An account can have ${MAX_TOKENS} API tokens. Revoke one that you no longer use.`)
  }
  const summary = `Created the API token ${token.name} (${token.scope}).`
  await writeAccountEvent(tx, { userId: token.userId, action: 'token.create', summary, address })
  return tx.apiToken.create({ data: token })
}

/** When and from where an account's tokens are changed. */
export interface TokenUse {
  now: Date
  address: string
}

/** Revokes an own token; a revoked one stays revoked. Throws `not_found` for others'. */
export async function revokeToken(
  db: Database,
  { userId, tokenId }: { userId: string; tokenId: string },
  { now, address }: TokenUse,
): Promise<void> {
  await db.transaction(async (tx) => {
    const token = await tx.apiToken.findFirst({ where: { id: tokenId, userId } })
    if (!token) throw new AppError('not_found', 'There is no such API token in your account.')
    const { count } = await tx.apiToken.updateMany({
      where: { id: tokenId, revokedAt: null },
      data: { revokedAt: now },
    })
    if (count === 0) return
    const summary = `Revoked the API token ${token.name}.`
    await writeAccountEvent(tx, { userId, action: 'token.revoke', summary, address })
    await notify(tx, 'slipway_account', userId)
  })
}

/** Revokes every token of an account but `keep`, in the caller's transaction. Answers how many. */
export async function revokeTokens(
  tx: Transaction,
  { userId, keep, now }: { userId: string; keep: string | null; now: Date },
): Promise<number> {
  const others = keep === null ? {} : { id: { not: keep } }
  const { count } = await tx.apiToken.updateMany({
    where: { userId, revokedAt: null, ...others },
    data: { revokedAt: now },
  })
  return count
}
