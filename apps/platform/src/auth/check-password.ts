import { type Database, findAccountByEmail, type User } from '@slipway/db'
import { AppError } from '@slipway/domain'
import type { LoginLimiter } from './login-limiter.ts'
import { verifyPassword } from './passwords.ts'

/**
 * The account that the password belongs to. Throws `unauthenticated`, in the same words and time for a wrong password and an unknown
 * address, and `rate_limited`.
 */
export function checkPassword(
  who: { db: Database; loginLimiter: LoginLimiter; address: string },
  { email, password }: { email: string; password: string },
): Promise<User> {
  return who.loginLimiter.attempt({ account: email, address: who.address }, async () => {
    const user = await findAccountByEmail(who.db, email)
    const matches = await verifyPassword(user?.passwordHash ?? null, password)
    if (user && matches) return user
    throw new AppError('unauthenticated', 'The e-mail address or the password is wrong.')
  })
}
