import { revokeOtherSessions } from '@slipway/db'
import { credentialsProcedure } from '../procedures.ts'

/** Ends every session of the account but the one that asks. */
export const sessionRevokeOthers = credentialsProcedure.mutation(async ({ ctx }): Promise<{ ended: number }> => {
  const { userId, credentialId } = ctx.caller
  return { ended: await revokeOtherSessions(ctx.db, { userId, keep: credentialId, address: ctx.address }) }
})
