import { cancelRelease } from '@slipway/db'
import { type ReleaseView, releaseRefSchema } from '@slipway/domain'
import { releaseView } from '../../apps/release-view.ts'
import { appProcedure } from '../procedures.ts'

/** Gives up a release that is on its way and goes back to the last one that was live. */
export const releaseCancel = appProcedure('app.deploy')
  .input(releaseRefSchema)
  .mutation(
    async ({ ctx, input }): Promise<ReleaseView> =>
      releaseView(await cancelRelease(ctx.db, { appId: ctx.scope.app.id, number: input.release, actor: ctx.caller })),
  )
