import { getRun } from '@slipway/db'
import { type RunView, runInput } from '@slipway/domain'
import { appProcedure } from '../procedures.ts'
import { runView } from '../views/run.ts'

export const runGet = appProcedure('app.run')
  .input(runInput)
  .query(
    async ({ ctx, input }): Promise<RunView> => runView(await getRun(ctx.db, ctx.scope.app.id, input.run), ctx.caller),
  )
