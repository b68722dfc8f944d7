import { createPasswordReset, findAccountByEmail } from '@slipway/db'
import { AppError, requestResetInput } from '@slipway/domain'
import { hashToken, newLinkSecret } from '../../auth/tokens.ts'
import { resetMail } from '../../mail/reset-mail.ts'
import { publicProcedure } from '../procedures.ts'

const HOURS = 1
const HOUR_MS = 60 * 60 * 1000

/**
 * Mails a link to set a new password. The answer is the same, and as quick, whether or not there is such an account: what is to be
 * done for it goes on afterwards.
 */
export const resetRequest = publicProcedure.input(requestResetInput).mutation(async ({ ctx, input }): Promise<void> => {
  const { mailer } = ctx.ports
  if (mailer === null) {
    throw new AppError('unavailable', 'No mail server is configured. Ask an operator of this installation for a link.')
  }
  const { email } = input
  const { db, address, config } = ctx
  if (!(await ctx.mailLimiter.take({ to: email, address }))) return
  const work = async () => {
    const user = await findAccountByEmail(db, email)
    if (!user || user.deactivatedAt) return
    const secret = newLinkSecret()
    const summary = 'A password reset link was requested and e-mailed to you.'
    const expiresAt = new Date(ctx.now().getTime() + HOURS * HOUR_MS)
    await createPasswordReset(db, { email, tokenHash: hashToken(secret), expiresAt, summary, address })
    const { publicUrl } = config
    await mailer.send(resetMail(email, { url: `${publicUrl}/reset/${secret}`, publicUrl, hours: HOURS }))
  }
  void work().catch((error: unknown) => ctx.ports.onMailFailure(error))
})
