import { rollback } from '@slipway/db'
import { type ReleaseView, releaseRefSchema } from '@slipway/domain'
import { releaseView } from '../../apps/release-view.ts'
import { appProcedure } from '../procedures.ts'

/** A new release of the old image, config and processes; nothing is built. */
export const releaseRollback = appProcedure('app.deploy')
  .input(releaseRefSchema)
  .mutation(
    async ({ ctx, input }): Promise<ReleaseView> =>
      releaseView(await rollback(ctx.db, { appId: ctx.scope.app.id, number: input.release, actor: ctx.caller })),
  )
