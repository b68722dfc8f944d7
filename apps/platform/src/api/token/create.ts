import { createTokenInput, type NewTokenView } from '@slipway/domain'
import { confirmPassword } from '../../auth/confirm-password.ts'
import { issueToken } from '../../auth/issue-token.ts'
import { credentialsProcedure } from '../procedures.ts'

/** A token outlives the session that makes it, so the password is asked for first. */
export const tokenCreate = credentialsProcedure
  .input(createTokenInput)
  .mutation(async ({ ctx, input }): Promise<NewTokenView> => {
    const { password, ...token } = input
    await confirmPassword(ctx, password)
    return issueToken(ctx, { userId: ctx.caller.userId, ...token })
  })
