import { getRelease } from '@slipway/db'
import { type ReleaseView, releaseRefSchema } from '@slipway/domain'
import { releaseView } from '../../apps/release-view.ts'
import { appProcedure } from '../procedures.ts'

export const releaseGet = appProcedure('app.read')
  .input(releaseRefSchema)
  .query(
    async ({ ctx, input }): Promise<ReleaseView> =>
      releaseView(await getRelease(ctx.db, ctx.scope.app.id, input.release)),
  )
