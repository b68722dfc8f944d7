import { decideDeviceLogin } from '@slipway/db'
import { refuseDeviceLoginInput } from '@slipway/domain'
import { credentialsProcedure, type Empty } from '../procedures.ts'

/** Turns the command line away that was shown for the code. */
export const deviceRefuse = credentialsProcedure
  .input(refuseDeviceLoginInput)
  .mutation(async ({ ctx, input }): Promise<Empty> => {
    const { request: id, code: userCode } = input
    const { address, caller } = ctx
    await decideDeviceLogin(ctx.db, { id, userCode, userId: caller.userId, grant: null, address, now: ctx.now() })
    return {}
  })
