import { setOperator } from '@slipway/db'
import { setOperatorInput } from '@slipway/domain'
import { type Empty, operatorProcedure } from '../procedures.ts'

export const adminSetOperator = operatorProcedure
  .input(setOperatorInput)
  .mutation(async ({ ctx, input }): Promise<Empty> => {
    await setOperator(ctx.db, { ...input, actor: ctx.caller })
    return {}
  })
