import { confirmSession, readAuthenticatedAt } from '@slipway/db'
import { AppError } from '@slipway/domain'
import type { Caller } from './caller.ts'
import { checkPassword } from './check-password.ts'

/** A password that was given to a session counts for this long. */
const CONFIRMED_MS = 10 * 60_000

/**
 * Makes sure that it is the account's owner who sits there: by a sign-in of the last ten minutes, or by the password. API tokens
 * always need it. Throws `forbidden` with `details.password` where it is asked for, `unauthenticated` when it is wrong.
 */
export async function confirmPassword(
  who: Parameters<typeof checkPassword>[0] & { caller: Caller },
  password: string | undefined,
): Promise<void> {
  const { db, caller, now } = who
  const isSession = caller.via !== 'token'
  if (password === undefined) {
    const at = isSession ? await readAuthenticatedAt(db, caller.credentialId) : null
    if (at !== null && now().getTime() - at.getTime() < CONFIRMED_MS) return
    throw new AppError('forbidden', 'Enter your password to go on.', { password: 'required' })
  }
  const given = await checkPassword(who, { email: caller.email, password }).catch((error: unknown) => {
    if (!(error instanceof AppError) || error.code !== 'unauthenticated') throw error
    throw new AppError('forbidden', 'The password is wrong.', { password: 'wrong' })
  })
  if (isSession && given.id === caller.userId) await confirmSession(db, caller.credentialId, now())
}
