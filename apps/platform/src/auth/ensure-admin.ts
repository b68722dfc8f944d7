import { createAccountIfNone, type Database, hasAccounts } from '@slipway/db'
import { AppError, emailSchema, passwordSchema } from '@slipway/domain'
import { hashPassword } from './passwords.ts'

/**
 * Makes the first account for an unattended start, unless there is an account. Answers whether it was made. Throws `invalid_input`
 * that names the variable at fault.
 */
export async function ensureAdmin(db: Database, email: string, password: string): Promise<boolean> {
  const checkedEmail = emailSchema.safeParse(email)
  if (!checkedEmail.success)
    throw new AppError('invalid_input', `SLIPWAY_ADMIN_EMAIL: ${email} is not an e-mail address.`)
  if (!passwordSchema.safeParse(password).success) {
    throw new AppError('invalid_input', 'SLIPWAY_ADMIN_PASSWORD must have 10 to 200 characters.')
  }
  if (await hasAccounts(db)) return false
  const name = checkedEmail.data.split('@')[0] ?? 'Admin'
  return createAccountIfNone(db, { email: checkedEmail.data, name, passwordHash: await hashPassword(password) })
}
