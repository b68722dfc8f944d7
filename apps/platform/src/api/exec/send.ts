import { sendToExecInput } from '@slipway/domain'
import { appProcedure } from '../procedures.ts'

/** As run.send, for a command in a running instance. */
export const execSend = appProcedure('app.exec')
  .input(sendToExecInput)
  .mutation(({ ctx, input }): { taken: boolean } => {
    const owner = { appId: ctx.scope.app.id, userId: ctx.caller.userId }
    return { taken: ctx.ports.terminals.send(input.exec, owner, input) }
  })
