import { rollback } from '@slipway/db'
import { type ReleaseView, releaseRefSchema } from '@slipway/domain'
import { appProcedure } from '../procedures.ts'
import { releaseViewOf } from '../views/release.ts'

/** A new release of the old image, config and processes; nothing is built. */
export const releaseRollback = appProcedure('app.deploy')
  .input(releaseRefSchema)
  .mutation(
    async ({ ctx, input }): Promise<ReleaseView> =>
      releaseViewOf(
        ctx.db,
        await rollback(ctx.db, { appId: ctx.scope.app.id, number: input.release, actor: ctx.caller }),
      ),
  )
