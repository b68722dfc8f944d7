import { createHash, randomBytes } from 'node:crypto'

export const TOKEN_PREFIX = 'slp_'
const HINT_CHARACTERS = 8

/** A new API token: 256 random bits. Only its hash is stored. */
export function newToken(): { secret: string; hash: string; hint: string } {
  const secret = `${TOKEN_PREFIX}${randomBytes(32).toString('base64url')}`
  return { secret, hash: hashToken(secret), hint: secret.slice(0, HINT_CHARACTERS) }
}

/** SHA-256, hex. Enough for secrets of 256 random bits; passwords go through argon2id instead. */
export function hashToken(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

/** The secret of an invitation's link: 256 random bits. Only its hash is stored. */
export function newLinkSecret(): string {
  return randomBytes(32).toString('base64url')
}
