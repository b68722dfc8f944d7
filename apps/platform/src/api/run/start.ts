import { startRun } from '@slipway/db'
import { type RunView, startRunInput } from '@slipway/domain'
import { appProcedure } from '../procedures.ts'
import { runView } from '../views/run.ts'

/** Runs a command once, in an instance of its own with the image and config of the current release. */
export const runStart = appProcedure('app.run')
  .input(startRunInput)
  .mutation(async ({ ctx, input }): Promise<RunView> => {
    const { command, mode, cpuMillis, memoryMiB, timeoutSeconds } = input
    const what = { command, mode, cpuMillis, memoryMiB, timeoutSeconds, userId: ctx.caller.userId }
    return runView(await startRun(ctx.db, { ...what, appId: ctx.scope.app.id, actor: ctx.caller }), ctx.caller)
  })
