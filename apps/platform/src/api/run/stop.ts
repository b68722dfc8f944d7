import { stopRun } from '@slipway/db'
import { type RunView, runInput } from '@slipway/domain'
import { appProcedure } from '../procedures.ts'
import { runView } from '../views/run.ts'

/** Asks a command to stop: SIGTERM, and SIGKILL ten seconds later. */
export const runStop = appProcedure('app.run')
  .input(runInput)
  .mutation(async ({ ctx, input }): Promise<RunView> => {
    const of = { appId: ctx.scope.app.id, id: input.run }
    return runView(await stopRun(ctx.db, { ...of, actor: ctx.caller, now: ctx.now() }), ctx.caller)
  })
