import { setTimeout as sleep } from 'node:timers/promises'
import { type Database, findAccountByEmail, type User, writeFailedSignIn } from '@slipway/db'
import { AppError } from '@slipway/domain'
import type { LoginLimiter } from './login-limiter.ts'
import { verifyPassword } from './passwords.ts'

/** No failure is answered sooner, so that how long it takes does not tell whether there is such an account. */
const FAILURE_MS = 250
/** Said only to those who know the password or a token. */
export const DEACTIVATED = 'This account is deactivated. Ask an operator of this installation.'

/**
 * The account that the password belongs to. Throws `unauthenticated`, in the same words and time for a wrong password and an unknown
 * address, `forbidden` for a deactivated account whose password is right, and `rate_limited`.
 */
export function checkPassword(
  who: { db: Database; loginLimiter: LoginLimiter; address: string; now: () => Date },
  { email, password }: { email: string; password: string },
): Promise<User> {
  const { db, address, now } = who
  return who.loginLimiter.attempt({ account: email, address }, async () => {
    const failureAt = sleep(FAILURE_MS)
    const user = await findAccountByEmail(db, email)
    const matches = await verifyPassword(user?.passwordHash ?? null, password)
    if (user && matches && user.deactivatedAt) throw new AppError('forbidden', DEACTIVATED)
    if (user && matches) return user
    await writeFailedSignIn(db, { email, address, now: now() })
    await failureAt
    throw new AppError('unauthenticated', 'The e-mail address or the password is wrong.')
  })
}
