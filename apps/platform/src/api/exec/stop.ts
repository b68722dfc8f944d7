import { execInput } from '@slipway/domain'
import { appProcedure, type Empty } from '../procedures.ts'

/** Closes a terminal in a running instance: its command gets a hang-up. Goes over the WebSocket of `live.exec`. */
export const execStop = appProcedure('app.exec')
  .input(execInput)
  .mutation(({ ctx, input }): Empty => {
    ctx.ports.terminals.closeExec(input.exec, { appId: ctx.scope.app.id, userId: ctx.caller.userId })
    return {}
  })
