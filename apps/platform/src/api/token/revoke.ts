import { revokeToken } from '@slipway/db'
import { revokeTokenInput } from '@slipway/domain'
import { accountProcedure, type Empty } from '../procedures.ts'

export const tokenRevoke = accountProcedure.input(revokeTokenInput).mutation(async ({ ctx, input }): Promise<Empty> => {
  await revokeToken(ctx.db, ctx.caller.userId, input.token, ctx.now())
  return {}
})
