import { createPasswordReset } from '@slipway/db'
import { createResetLinkInput, type ResetLinkView } from '@slipway/domain'
import { hashToken, newLinkSecret } from '../../auth/tokens.ts'
import { operatorProcedure } from '../procedures.ts'

const RESET_HOURS = 24
const HOUR_MS = 60 * 60 * 1000

/** For accounts that have forgotten their password. What the link is worth ends with its first use, a new link, or a day. */
export const accountCreateResetLink = operatorProcedure
  .input(createResetLinkInput)
  .mutation(async ({ ctx, input }): Promise<ResetLinkView> => {
    const secret = newLinkSecret()
    const expiresAt = new Date(ctx.now().getTime() + RESET_HOURS * HOUR_MS)
    const summary = `${ctx.caller.email} created a password reset link.`
    const { address } = ctx
    await createPasswordReset(ctx.db, { email: input.email, tokenHash: hashToken(secret), expiresAt, summary, address })
    return { email: input.email, url: `${ctx.config.publicUrl}/reset/${secret}`, expiresAt: expiresAt.toISOString() }
  })
