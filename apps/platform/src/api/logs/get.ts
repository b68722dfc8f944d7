import { getAppRow } from '@slipway/db'
import { type LogLine, logsInput } from '@slipway/domain'
import { appProcedure } from '../procedures.ts'
import { targetOf } from '../views/observation.ts'

/** The newest lines of all processes, oldest first. */
export const logsGet = appProcedure('app.read')
  .input(logsInput)
  .query(async ({ ctx, input, signal }): Promise<LogLine[]> => {
    const target = targetOf(await getAppRow(ctx.db, ctx.scope.app.id))
    return ctx.ports.logs.read(target, input, signal ?? new AbortController().signal)
  })
