import { revokeSession } from '@slipway/db'
import { revokeSessionInput } from '@slipway/domain'
import { credentialsProcedure, type Empty } from '../procedures.ts'

export const sessionRevoke = credentialsProcedure
  .input(revokeSessionInput)
  .mutation(async ({ ctx, input }): Promise<Empty> => {
    await revokeSession(ctx.db, { userId: ctx.caller.userId, id: input.session, address: ctx.address })
    return {}
  })
