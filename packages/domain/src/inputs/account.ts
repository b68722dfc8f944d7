import { z } from 'zod'
import { DEVICE_CODE_LENGTH, normalizeDeviceCode } from '../device-code.ts'
import { plainLine } from '../plain-text.ts'
import { TOKEN_SCOPES } from '../token-scopes.ts'

export const emailSchema = z
  .email('Enter an e-mail address.')
  .max(254)
  .transform((email) => email.toLowerCase())
/** Passwords: 10 to 200 characters, nothing else is asked of them. */
export const passwordSchema = z.string().min(10, 'Use at least 10 characters.').max(200)
/** Name of a person or thing, shown to others: one line without invisible characters. */
export const displayNameSchema = z
  .string()
  .max(1000)
  .transform(plainLine)
  .pipe(z.string().min(1, 'Enter a name.').max(80, 'Use at most 80 characters.'))

/** setup.createFirstAccount: only while no account exists, with the setup code that the start printed. */
export const createFirstAccountInput = z.object({
  code: z.string().trim().min(1, 'Enter the setup code.').max(100),
  email: emailSchema,
  name: displayNameSchema,
  password: passwordSchema,
})
/** session.verifyPassword: what next-auth's credentials provider and the CLI's `login` ask. */
export const verifyPasswordInput = z.object({ email: emailSchema, password: z.string().max(200) })
/** account.changePassword: ends every other session of the account, and its other API tokens where asked for. */
export const changePasswordInput = z.object({
  current: z.string().max(200),
  next: passwordSchema,
  revokeTokens: z.boolean().default(false),
})
/** token.create: days null never expires. The password is asked for where it was not given in the last minutes. */
export const createTokenInput = z.object({
  name: displayNameSchema,
  scope: z.enum(TOKEN_SCOPES).default('full'),
  expiresInDays: z.number().int().min(1, 'A token lasts at least a day.').max(3650).nullable().default(90),
  password: z.string().max(200).optional(),
})
/** device.start: what a command line asks for. Such a token always expires. */
export const startDeviceLoginInput = z.object({
  computer: displayNameSchema,
  scope: z.enum(TOKEN_SCOPES).default('full'),
  expiresInDays: z.number().int().min(1, 'A token lasts at least a day.').max(365).default(90),
})
/** device.poll: with the secret that device.start answered. */
export const pollDeviceLoginInput = z.object({ secret: z.string().min(1).max(200) })
/** device.get: the code of a terminal, as a person types it. */
export const deviceCodeInput = z.object({
  code: z
    .string()
    .max(100)
    .transform(normalizeDeviceCode)
    .pipe(z.string().length(DEVICE_CODE_LENGTH, `The code has ${DEVICE_CODE_LENGTH} letters, such as BCDF-GHJK.`)),
})
/** device.refuse: `request` is the one that was shown for the code, so that nothing else is decided on. */
export const refuseDeviceLoginInput = deviceCodeInput.extend({ request: z.uuid() })
/** device.approve: as refuse, with what the token may do and how long. The password where it was not given lately. */
export const approveDeviceLoginInput = refuseDeviceLoginInput.extend({
  scope: z.enum(TOKEN_SCOPES),
  expiresInDays: startDeviceLoginInput.shape.expiresInDays.unwrap(),
  password: z.string().max(200).optional(),
})
export const revokeTokenInput = z.object({ token: z.uuid() })
export const revokeSessionInput = z.object({ session: z.uuid() })
/** account.createResetLink: for operators. */
export const createResetLinkInput = z.object({ email: emailSchema })
/** reset.request: mails a link, where the installation can. */
export const requestResetInput = z.object({ email: emailSchema })
/** reset.get */
export const resetTokenInput = z.object({ token: z.string().min(1).max(200) })
/** reset.use: sets a new password; ends every session of the account, and its API tokens where asked for. */
export const resetPasswordInput = resetTokenInput.extend({
  password: passwordSchema,
  revokeTokens: z.boolean().default(false),
})
