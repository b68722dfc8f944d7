import { cancelRelease } from '@slipway/db'
import { type ReleaseView, releaseRefSchema } from '@slipway/domain'
import { appProcedure } from '../procedures.ts'
import { releaseViewOf } from '../views/release.ts'

/** Gives up a release that is on its way and goes back to the last one that was live; its command is stopped. */
export const releaseCancel = appProcedure('app.deploy')
  .input(releaseRefSchema)
  .mutation(async ({ ctx, input }): Promise<ReleaseView> => {
    const of = { appId: ctx.scope.app.id, number: input.release, actor: ctx.caller, now: ctx.now() }
    return releaseViewOf(ctx.db, await cancelRelease(ctx.db, of))
  })
