import { getBuild } from '@slipway/db'
import { type BuildLogBatch, followBuildInput, isBuildOver } from '@slipway/domain'
import { type TrackedEnvelope, tracked } from '@trpc/server'
import { appScope } from '../../auth/scope.ts'
import { appProcedure } from '../procedures.ts'
import { offsetOf, positionOf } from './offset.ts'
import { watchRights } from './rights.ts'

/** A build's log from its beginning, or from where the client was cut, until it is over; the last batch carries how it ended. */
export const liveBuild = appProcedure('app.read')
  .input(followBuildInput)
  .subscription(async function* ({ ctx, input, signal }): AsyncGenerator<TrackedEnvelope<BuildLogBatch>> {
    const read = () => getBuild(ctx.db, ctx.scope.app.id, input.build)
    let offset = offsetOf(input.lastEventId)
    const watch = watchRights(ctx, (caller) => appScope(ctx.db, caller, input, 'app.read'), signal)
    try {
      let build = await read()
      const batch = (lines: string[]): TrackedEnvelope<BuildLogBatch> =>
        tracked(positionOf(offset), { lines, skipped: 0, status: build.status, failure: build.failure })
      yield batch([])
      const isOver = async () => {
        build = await read()
        return isBuildOver(build.status)
      }
      const options = { from: offset, isOver, signal: watch.signal }
      for await (const block of ctx.ports.live.followKeptLog({ owner: 'build', id: build.id }, options)) {
        offset = block.offset
        yield batch(block.lines)
      }
      watch.throwIfRefused()
      build = await read()
      yield batch([])
    } finally {
      watch.stop()
    }
  })
