import { createFirstAccount, hasAccounts } from '@slipway/db'
import { AppError, createFirstAccountInput, type VerifiedAccount } from '@slipway/domain'
import { hashPassword } from '../../auth/passwords.ts'
import { publicProcedure } from '../procedures.ts'
import { verifiedAccount } from '../views/account.ts'

/** Open to whoever comes first, and only until then. */
export const setupCreateFirstAccount = publicProcedure
  .input(createFirstAccountInput)
  .mutation(async ({ ctx, input }): Promise<VerifiedAccount> => {
    // Asked before hashing, which is slow on purpose; the insert checks again under a lock.
    if (await hasAccounts(ctx.db)) {
      throw new AppError(
        'conflict',
        'This installation has its first account already. Sign in, or ask for an invitation.',
      )
    }
    const { email, name, password } = input
    return verifiedAccount(
      await createFirstAccount(ctx.db, { email, name, passwordHash: await hashPassword(password) }),
    )
  })
