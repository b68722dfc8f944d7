import { createToken, type Database } from '@slipway/db'
import type { NewTokenView, TokenScope, TokenView } from '@slipway/domain'
import { newToken } from './tokens.ts'

const DAY_MS = 24 * 60 * 60 * 1000

interface TokenRow {
  id: string
  name: string
  hint: string
  scope: TokenScope
  createdAt: Date
  lastUsedAt: Date | null
  expiresAt: Date | null
}

/** A token without its secret. */
export function tokenView({ id, name, hint, scope, createdAt, lastUsedAt, expiresAt }: TokenRow): TokenView {
  return {
    id,
    name,
    hint,
    scope,
    createdAt: createdAt.toISOString(),
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
    expiresAt: expiresAt?.toISOString() ?? null,
  }
}

export interface TokenRequest {
  userId: string
  name: string
  scope: TokenScope
  /** Null never expires. */
  expiresInDays: number | null
}

/** Makes an API token; the answer is the only place where its secret is. */
export async function issueToken(
  { db, now, address }: { db: Database; now: () => Date; address: string },
  { expiresInDays, ...token }: TokenRequest,
): Promise<NewTokenView> {
  const { secret, hash, hint } = newToken()
  const at = now()
  const expiresAt = expiresInDays === null ? null : new Date(at.getTime() + expiresInDays * DAY_MS)
  const row = await createToken(db, { ...token, hash, hint, expiresAt }, { now: at, address })
  return { ...tokenView(row), secret }
}
