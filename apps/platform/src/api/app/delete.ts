import { deleteApp } from '@slipway/db'
import { deleteAppInput } from '@slipway/domain'
import { checkConfirmed } from '../confirm.ts'
import { appProcedure, type Empty } from '../procedures.ts'

/** What runs is taken down by the controllers. */
export const appDelete = appProcedure('app.delete')
  .input(deleteAppInput)
  .mutation(async ({ ctx, input }): Promise<Empty> => {
    checkConfirmed(input.confirm, input.app)
    await deleteApp(ctx.db, { appId: ctx.scope.app.id, actor: ctx.caller, now: ctx.now() })
    return {}
  })
