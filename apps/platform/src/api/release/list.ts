import { listReleases } from '@slipway/db'
import { appPageInput, type Page, type ReleaseView } from '@slipway/domain'
import { appProcedure } from '../procedures.ts'
import { releaseViews } from '../views/release.ts'

export const releaseList = appProcedure('app.read')
  .input(appPageInput)
  .query(async ({ ctx, input }): Promise<Page<ReleaseView>> => {
    const { rows, nextCursor } = await listReleases(ctx.db, ctx.scope.app.id, input)
    return { items: await releaseViews(ctx.db, rows), nextCursor }
  })
