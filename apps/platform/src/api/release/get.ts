import { getRelease } from '@slipway/db'
import { type ReleaseView, releaseRefSchema } from '@slipway/domain'
import { appProcedure } from '../procedures.ts'
import { releaseViewOf } from '../views/release.ts'

export const releaseGet = appProcedure('app.read')
  .input(releaseRefSchema)
  .query(
    async ({ ctx, input }): Promise<ReleaseView> =>
      releaseViewOf(ctx.db, await getRelease(ctx.db, ctx.scope.app.id, input.release)),
  )
