import { findReleaseCommand, getRelease } from '@slipway/db'
import { followReleaseInput, type ReleaseLogBatch } from '@slipway/domain'
import { type TrackedEnvelope, tracked } from '@trpc/server'
import { releaseCommandView } from '../../apps/release-view.ts'
import { appScope } from '../../auth/scope.ts'
import { appProcedure } from '../procedures.ts'
import { offsetOf, positionOf } from './offset.ts'
import { watchRights } from './rights.ts'

/** The output of a release's command from its beginning, or from where the client was cut, until it is over; then how it ended. */
export const liveRelease = appProcedure('app.read')
  .input(followReleaseInput)
  .subscription(async function* ({ ctx, input, signal }): AsyncGenerator<TrackedEnvelope<ReleaseLogBatch>> {
    const { app } = ctx.scope
    const read = () => findReleaseCommand(ctx.db, app.id, input.release)
    let offset = offsetOf(input.lastEventId)
    const watch = watchRights(ctx, (caller) => appScope(ctx.db, caller, input, 'app.read'), signal)
    try {
      await getRelease(ctx.db, app.id, input.release)
      let command = await read()
      const batch = (lines: string[]): TrackedEnvelope<ReleaseLogBatch> =>
        tracked(positionOf(offset), { lines, command: command && releaseCommandView(command) })
      yield batch([])
      if (command === null) return
      const isOver = async () => {
        command = await read()
        return command === null || command.endedAt !== null
      }
      const log = { owner: 'run', id: command.id } as const
      for await (const block of ctx.ports.live.followKeptLog(log, { from: offset, isOver, signal: watch.signal })) {
        offset = block.offset
        yield batch(block.lines)
      }
      watch.throwIfRefused()
      command = await read()
      yield batch([])
    } finally {
      watch.stop()
    }
  })
