import { revokeToken } from '@slipway/db'
import { revokeTokenInput } from '@slipway/domain'
import { requireScope } from '../../auth/require-scope.ts'
import { anyTokenProcedure, type Empty } from '../procedures.ts'

/** Any token may revoke itself. */
export const tokenRevoke = anyTokenProcedure
  .input(revokeTokenInput)
  .mutation(async ({ ctx, input }): Promise<Empty> => {
    const { caller, address } = ctx
    if (input.token !== caller.credentialId) requireScope(caller, 'full')
    await revokeToken(ctx.db, { userId: caller.userId, tokenId: input.token }, { now: ctx.now(), address })
    return {}
  })
