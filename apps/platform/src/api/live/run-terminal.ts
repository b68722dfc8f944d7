import { getRun, readMode } from '@slipway/db'
import { AppError, followRunTerminalInput, type TerminalBatch } from '@slipway/domain'
import { runJobName } from '@slipway/manifests'
import { type TrackedEnvelope, tracked } from '@trpc/server'
import { appScope } from '../../auth/scope.ts'
import { appProcedure } from '../procedures.ts'
import { watchRights } from './rights.ts'

/** The terminal of a command that runs once, or with mode `input` when its input is taken; the last event carries how it ended. */
export const liveRunTerminal = appProcedure('app.run')
  .input(followRunTerminalInput)
  .subscription(async function* ({ ctx, input, signal }): AsyncGenerator<TrackedEnvelope<TerminalBatch>> {
    const { app, environment } = ctx.scope
    const { userId } = ctx.caller
    const row = await getRun(ctx.db, app.id, input.run)
    const mode = readMode(row)
    if (mode === 'output') throw new AppError('conflict', 'This command was started without a terminal.')
    if (row.userId !== userId) {
      throw new AppError('forbidden', `The terminal is that of ${row.by}, who started it. You can end it.`)
    }
    const watch = watchRights(ctx, (caller) => appScope(ctx.db, caller, input, 'app.run'), signal)
    try {
      const job = runJobName({ app: app.slug, run: row.id })
      const run = { id: row.id, appId: app.id, userId, mode, namespace: environment.namespace, job }
      const options = {
        resumeFrom: input.lastEventId ?? null,
        size: input.size,
        sink: ctx.connection ?? { backlogBytes: () => 0 },
        signal: watch.signal,
      }
      for await (const { id, batch } of ctx.ports.terminals.followRun(run, options)) yield tracked(id, batch)
      watch.throwIfRefused()
    } finally {
      watch.stop()
    }
  })
