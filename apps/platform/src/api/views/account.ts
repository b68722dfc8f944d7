import type { User } from '@slipway/db'
import type { VerifiedAccount } from '@slipway/domain'

/** What a session is made from. */
export function verifiedAccount({ id, email, name, sessionVersion }: User): VerifiedAccount {
  return { id, email, name, sessionVersion }
}
