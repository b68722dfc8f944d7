import { listRuns } from '@slipway/db'
import { appPageInput, type Page, type RunView } from '@slipway/domain'
import { appProcedure } from '../procedures.ts'
import { runView } from '../views/run.ts'

/** Commands that run and that ended lately, newest first. */
export const runList = appProcedure('app.run')
  .input(appPageInput)
  .query(async ({ ctx, input }): Promise<Page<RunView>> => {
    const { rows, nextCursor } = await listRuns(ctx.db, ctx.scope.app.id, input)
    return { items: rows.map((row) => runView(row, ctx.caller)), nextCursor }
  })
