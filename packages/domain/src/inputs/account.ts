import { z } from 'zod'

export const emailSchema = z
  .email('Enter an e-mail address.')
  .max(254)
  .transform((email) => email.toLowerCase())
/** Passwords: 10 to 200 characters, nothing else is asked of them. */
export const passwordSchema = z.string().min(10, 'Use at least 10 characters.').max(200)
export const displayNameSchema = z.string().trim().min(1, 'Enter a name.').max(80)

/** setup.createFirstAccount: only while no account exists. */
export const createFirstAccountInput = z.object({
  email: emailSchema,
  name: displayNameSchema,
  password: passwordSchema,
})
/** session.verifyPassword: what next-auth's credentials provider and the CLI's `login` ask. */
export const verifyPasswordInput = z.object({ email: emailSchema, password: z.string().max(200) })
/** account.changePassword: ends every other session of the account. */
export const changePasswordInput = z.object({ current: z.string().max(200), next: passwordSchema })
/** token.create: days null never expires. */
export const createTokenInput = z.object({
  name: displayNameSchema,
  expiresInDays: z.number().int().min(1).max(3650).nullable().default(90),
})
export const revokeTokenInput = z.object({ token: z.uuid() })
