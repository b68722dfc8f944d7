import { type VerifiedAccount, verifyPasswordInput } from '@slipway/domain'
import { checkPassword } from '../../auth/check-password.ts'
import { publicProcedure } from '../procedures.ts'
import { verifiedAccount } from '../views/account.ts'

/** What the console's sign-in asks. At most ten wrong tries a minute for an account and for an address. */
export const sessionVerifyPassword = publicProcedure
  .input(verifyPasswordInput)
  .mutation(async ({ ctx, input }): Promise<VerifiedAccount> => verifiedAccount(await checkPassword(ctx, input)))
