import { getPasswordReset } from '@slipway/db'
import { resetTokenInput } from '@slipway/domain'
import { hashToken } from '../../auth/tokens.ts'
import { publicProcedure } from '../procedures.ts'

/** Who holds the link's secret may know whose password it sets. */
export const resetGet = publicProcedure
  .input(resetTokenInput)
  .query(async ({ ctx, input }): Promise<{ email: string }> => {
    const { email } = await getPasswordReset(ctx.db, hashToken(input.token), ctx.now())
    return { email }
  })
