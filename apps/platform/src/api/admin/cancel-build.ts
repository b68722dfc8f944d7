import { cancelBuildAsOperator } from '@slipway/db'
import { buildRefSchema } from '@slipway/domain'
import { type Empty, operatorProcedure } from '../procedures.ts'

export const adminCancelBuild = operatorProcedure
  .input(buildRefSchema)
  .mutation(async ({ ctx, input }): Promise<Empty> => {
    const { build, ...ref } = input
    await cancelBuildAsOperator(ctx.db, { ref, number: build, actor: ctx.caller, now: ctx.now() })
    return {}
  })
