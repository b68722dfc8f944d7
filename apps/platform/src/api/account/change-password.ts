import { setPassword } from '@slipway/db'
import { changePasswordInput, type VerifiedAccount } from '@slipway/domain'
import { checkPassword } from '../../auth/check-password.ts'
import { hashPassword } from '../../auth/passwords.ts'
import { accountProcedure } from '../procedures.ts'
import { verifiedAccount } from '../views/account.ts'

/** Ends every session of the account; the answer is what a new one is made from. */
export const accountChangePassword = accountProcedure
  .input(changePasswordInput)
  .mutation(async ({ ctx, input }): Promise<VerifiedAccount> => {
    await checkPassword(ctx, { email: ctx.caller.email, password: input.current })
    return verifiedAccount(await setPassword(ctx.db, ctx.caller.userId, await hashPassword(input.next)))
  })
