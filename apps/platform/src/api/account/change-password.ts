import { setPassword } from '@slipway/db'
import { changePasswordInput } from '@slipway/domain'
import { checkPassword } from '../../auth/check-password.ts'
import { hashPassword } from '../../auth/passwords.ts'
import { credentialsProcedure, type Empty } from '../procedures.ts'

/** The session or token that asks for it stays; the account's other sessions end. */
export const accountChangePassword = credentialsProcedure
  .input(changePasswordInput)
  .mutation(async ({ ctx, input }): Promise<Empty> => {
    const { caller, address } = ctx
    await checkPassword(ctx, { email: caller.email, password: input.current })
    await setPassword(ctx.db, {
      userId: caller.userId,
      passwordHash: await hashPassword(input.next),
      keep: caller.credentialId,
      revokesTokens: input.revokeTokens,
      address,
      now: ctx.now(),
    })
    return {}
  })
