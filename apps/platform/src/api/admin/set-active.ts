import { setActive } from '@slipway/db'
import { setActiveInput } from '@slipway/domain'
import { type Empty, operatorProcedure } from '../procedures.ts'

export const adminSetActive = operatorProcedure
  .input(setActiveInput)
  .mutation(async ({ ctx, input }): Promise<Empty> => {
    await setActive(ctx.db, { ...input, actor: ctx.caller, now: ctx.now() })
    return {}
  })
