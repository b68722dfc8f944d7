import { getPasswordReset, resetPassword } from '@slipway/db'
import { resetPasswordInput } from '@slipway/domain'
import { hashPassword } from '../../auth/passwords.ts'
import { hashToken } from '../../auth/tokens.ts'
import { publicProcedure } from '../procedures.ts'

export const resetUse = publicProcedure
  .input(resetPasswordInput)
  .mutation(async ({ ctx, input }): Promise<{ email: string }> => {
    const tokenHash = hashToken(input.token)
    // Asked before hashing, which is slow on purpose; the change asks again.
    const { email } = await getPasswordReset(ctx.db, tokenHash, ctx.now())
    const passwordHash = await hashPassword(input.password)
    const { address, now } = ctx
    await resetPassword(ctx.db, { tokenHash, passwordHash, revokesTokens: input.revokeTokens, address, now: now() })
    return { email }
  })
