import { AppError } from '@slipway/domain'
import type { SessionUser } from './accounts.ts'
import type { Database } from './database.ts'
import type { ApiToken } from './generated/client.ts'

/** A token's last use is written at most this often. */
const TOUCH_INTERVAL_MS = 60_000
/** Tokens of one account that count at the same time. */
const MAX_TOKENS = 100

export interface TokenUser {
  tokenId: string
  revokedAt: Date | null
  expiresAt: Date | null
  user: SessionUser
}

/** The account that an API token stands for, by the SHA-256 of its secret. Whether it still counts is the caller's to check. */
export async function findTokenUser(db: Database, hash: string): Promise<TokenUser | null> {
  const token = await db.client.apiToken.findUnique({ where: { hash }, include: { user: true } })
  if (!token) return null
  const { id, email, name, operator } = token.user
  return {
    tokenId: token.id,
    revokedAt: token.revokedAt,
    expiresAt: token.expiresAt,
    user: { userId: id, email, name, operator },
  }
}

/** Notes that a token was used; writes at most once a minute for each. */
export async function touchToken(db: Database, tokenId: string, now: Date): Promise<void> {
  await db.client.apiToken.updateMany({
    where: {
      id: tokenId,
      OR: [{ lastUsedAt: null }, { lastUsedAt: { lt: new Date(now.getTime() - TOUCH_INTERVAL_MS) } }],
    },
    data: { lastUsedAt: now },
  })
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
  expiresAt: Date | null
}

/** Stores a token's hash. Throws `conflict` when the account has too many. */
export function createToken(db: Database, token: NewToken, now: Date): Promise<ApiToken> {
  return db.transaction(async (tx) => {
    await tx.$queryRaw`SELECT id FROM users WHERE id = ${token.userId}::uuid FOR UPDATE`
    // Expired ones make room: they count for nothing, and nobody looks for them.
    await tx.apiToken.deleteMany({ where: { userId: token.userId, expiresAt: { lt: now } } })
    if ((await tx.apiToken.count({ where: { userId: token.userId, revokedAt: null } })) >= MAX_TOKENS) {
      throw new AppError('conflict', `An account can have ${MAX_TOKENS} API tokens. Revoke one that you no longer use.`)
    }
    return tx.apiToken.create({ data: token })
  })
}

/** Revokes an own token; a revoked one stays revoked. Throws `not_found` for others'. */
export async function revokeToken(db: Database, userId: string, tokenId: string, now: Date): Promise<void> {
  const token = await db.client.apiToken.findFirst({ where: { id: tokenId, userId } })
  if (!token) throw new AppError('not_found', 'There is no such API token in your account.')
  await db.client.apiToken.updateMany({ where: { id: tokenId, revokedAt: null }, data: { revokedAt: now } })
}
