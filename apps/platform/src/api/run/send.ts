import { sendToRunInput } from '@slipway/domain'
import { appProcedure } from '../procedures.ts'

/**
 * Types into the terminal of a command, or says how large it is. Goes over the WebSocket of `live.runTerminal`, because the terminal is
 * connected in the process at its other end.
 */
export const runSend = appProcedure('app.run')
  .input(sendToRunInput)
  .mutation(({ ctx, input }): { taken: boolean } => {
    const owner = { appId: ctx.scope.app.id, userId: ctx.caller.userId }
    return { taken: ctx.ports.terminals.send(input.run, owner, input) }
  })
