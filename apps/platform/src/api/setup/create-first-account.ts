import { createFirstAccount, hasAccounts } from '@slipway/db'
import { AppError, createFirstAccountInput } from '@slipway/domain'
import { hashPassword } from '../../auth/passwords.ts'
import { isSetupCode } from '../../auth/setup-code.ts'
import { type Empty, publicProcedure } from '../procedures.ts'

const WRONG_CODE =
  'This is not the setup code. It is in the link that Slipway printed when it started; on a cluster, in the platform’s log.'

/** Open to a caller with the setup code, until there is an account. */
export const setupCreateFirstAccount = publicProcedure
  .input(createFirstAccountInput)
  .mutation(async ({ ctx, input }): Promise<Empty> => {
    // Asked before hashing, which is slow on purpose; the insert checks again under a lock.
    if (await hasAccounts(ctx.db)) {
      throw new AppError(
        'conflict',
        'This installation already has its first account. Sign in, or ask for an invitation.',
      )
    }
    const { code, email, name, password } = input
    await ctx.loginLimiter.attempt({ account: 'setup code', address: ctx.address }, async () => {
      if (!isSetupCode(code, ctx.setupCode)) throw new AppError('forbidden', WRONG_CODE)
    })
    await createFirstAccount(ctx.db, { email, name, passwordHash: await hashPassword(password) })
    return {}
  })
