import { createTokenInput, type NewTokenView } from '@slipway/domain'
import { issueToken } from '../../auth/issue-token.ts'
import { accountProcedure } from '../procedures.ts'

export const tokenCreate = accountProcedure
  .input(createTokenInput)
  .mutation(
    ({ ctx, input }): Promise<NewTokenView> =>
      issueToken(ctx, { userId: ctx.caller.userId, name: input.name, expiresInDays: input.expiresInDays }),
  )
