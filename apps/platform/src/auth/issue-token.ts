import { createToken, type Database } from '@slipway/db'
import type { NewTokenView, TokenView } from '@slipway/domain'
import { newToken } from './tokens.ts'

const DAY_MS = 24 * 60 * 60 * 1000

interface TokenRow {
  id: string
  name: string
  hint: string
  createdAt: Date
  lastUsedAt: Date | null
  expiresAt: Date | null
}

/** A token without its secret. */
export function tokenView({ id, name, hint, createdAt, lastUsedAt, expiresAt }: TokenRow): TokenView {
  return {
    id,
    name,
    hint,
    createdAt: createdAt.toISOString(),
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
    expiresAt: expiresAt?.toISOString() ?? null,
  }
}

/** Makes an API token; the answer is the only place where its secret is. `expiresInDays` null never expires. */
export async function issueToken(
  { db, now }: { db: Database; now: () => Date },
  { userId, name, expiresInDays }: { userId: string; name: string; expiresInDays: number | null },
): Promise<NewTokenView> {
  const { secret, hash, hint } = newToken()
  const expiresAt = expiresInDays === null ? null : new Date(now().getTime() + expiresInDays * DAY_MS)
  return { ...tokenView(await createToken(db, { userId, name, hash, hint, expiresAt }, now())), secret }
}
