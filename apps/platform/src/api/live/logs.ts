import { getAppRow } from '@slipway/db'
import { followLogsInput, type LogBatch } from '@slipway/domain'
import { type TrackedEnvelope, tracked } from '@trpc/server'
import { appProcedure } from '../procedures.ts'
import { appScope } from '../scope.ts'
import { targetOf } from '../views/observation.ts'
import { checkCaller } from './changes.ts'

const CHECK_RIGHTS_MS = 20_000

/** Runtime logs of all processes, merged: the tail, then what comes. Each batch's id is where a cut client goes on. */
export const liveLogs = appProcedure('app.read')
  .input(followLogsInput)
  .subscription(async function* ({ ctx, input, signal }): AsyncGenerator<TrackedEnvelope<LogBatch>> {
    const ended = new AbortController()
    const stop = AbortSignal.any([ended.signal, ...(signal ? [signal] : [])])
    let refusal: unknown = null
    // Rights are asked for again while nothing is written, too.
    const timer = setInterval(() => {
      checkCaller(ctx)
        .then((caller) => appScope(ctx.db, caller, input, 'app.read'))
        .catch((error) => {
          refusal = error
          ended.abort()
        })
    }, CHECK_RIGHTS_MS)
    try {
      const target = targetOf(await getAppRow(ctx.db, ctx.scope.app.id))
      const query = {
        process: input.process,
        instance: input.instance,
        tail: input.tail,
        resumeFrom: input.lastEventId ?? null,
      }
      const sink = ctx.connection ?? { backlogBytes: () => 0 }
      for await (const { id, batch } of ctx.ports.live.followLogs(target, query, sink, stop)) yield tracked(id, batch)
      if (refusal !== null) throw refusal
    } finally {
      clearInterval(timer)
      ended.abort()
    }
  })
