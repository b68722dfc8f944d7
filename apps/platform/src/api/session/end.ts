import { endSession } from '@slipway/db'
import { accountProcedure, type Empty } from '../procedures.ts'

/** Signing out. API tokens are revoked instead, by token.revoke. */
export const sessionEnd = accountProcedure.mutation(async ({ ctx }): Promise<Empty> => {
  const { userId, via, credentialId } = ctx.caller
  if (via !== 'token') await endSession(ctx.db, { userId, id: credentialId, address: ctx.address })
  return {}
})
