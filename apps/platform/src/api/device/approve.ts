import { decideDeviceLogin } from '@slipway/db'
import { approveDeviceLoginInput } from '@slipway/domain'
import { confirmPassword } from '../../auth/confirm-password.ts'
import { credentialsProcedure, type Empty } from '../procedures.ts'

/** Lets the command line in that was shown for the code. Its token outlives the session, so the password is asked for first. */
export const deviceApprove = credentialsProcedure
  .input(approveDeviceLoginInput)
  .mutation(async ({ ctx, input }): Promise<Empty> => {
    const { request: id, code: userCode, password, ...grant } = input
    await confirmPassword(ctx, password)
    const { address, caller } = ctx
    await decideDeviceLogin(ctx.db, { id, userCode, userId: caller.userId, grant, address, now: ctx.now() })
    return {}
  })
