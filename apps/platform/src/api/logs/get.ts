import { type LogLine, logsInput } from '@slipway/domain'
import { appProcedure } from '../procedures.ts'
import { placeOf } from '../views/place.ts'

/** The newest lines of all processes, oldest first. */
export const logsGet = appProcedure('app.read')
  .input(logsInput)
  .query(async ({ ctx, input, signal }): Promise<LogLine[]> => {
    return ctx.ports.logs.read(placeOf(ctx.scope), input, signal ?? new AbortController().signal)
  })
