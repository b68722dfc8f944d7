import { followLogsInput, type LogBatch } from '@slipway/domain'
import { type TrackedEnvelope, tracked } from '@trpc/server'
import { appScope } from '../../auth/scope.ts'
import { appProcedure } from '../procedures.ts'
import { placeOf } from '../views/place.ts'
import { watchRights } from './rights.ts'

/** Runtime logs of all processes, merged: the tail, then what comes. Each batch's id is where a cut client goes on. */
export const liveLogs = appProcedure('app.read')
  .input(followLogsInput)
  .subscription(async function* ({ ctx, input, signal }): AsyncGenerator<TrackedEnvelope<LogBatch>> {
    const watch = watchRights(ctx, (caller) => appScope(ctx.db, caller, input, 'app.read'), signal)
    try {
      const query = {
        process: input.process,
        instance: input.instance,
        tail: input.tail,
        since: input.since,
        resumeFrom: input.lastEventId ?? null,
      }
      const sink = ctx.connection ?? { backlogBytes: () => 0 }
      const batches = ctx.ports.live.followLogs(placeOf(ctx.scope), query, sink, watch.signal)
      for await (const { id, batch } of batches) yield tracked(id, batch)
      watch.throwIfRefused()
    } finally {
      watch.stop()
    }
  })
