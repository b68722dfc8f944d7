import { cancelBuild } from '@slipway/db'
import { type BuildView, buildRefSchema } from '@slipway/domain'
import { buildView } from '../../apps/release-view.ts'
import { appProcedure } from '../procedures.ts'

/** A build that waits ends at once; one that runs, when its Job is gone. */
export const buildCancel = appProcedure('app.deploy')
  .input(buildRefSchema)
  .mutation(
    async ({ ctx, input }): Promise<BuildView> =>
      buildView(
        await cancelBuild(ctx.db, {
          appId: ctx.scope.app.id,
          number: input.build,
          actor: ctx.caller,
          now: ctx.now(),
        }),
      ),
  )
