import { listBuilds } from '@slipway/db'
import { appPageInput, type BuildView, type Page } from '@slipway/domain'
import { buildView } from '../../apps/release-view.ts'
import { appProcedure } from '../procedures.ts'

export const buildList = appProcedure('app.read')
  .input(appPageInput)
  .query(async ({ ctx, input }): Promise<Page<BuildView>> => {
    const { rows, nextCursor } = await listBuilds(ctx.db, ctx.scope.app.id, input)
    return { items: rows.map(buildView), nextCursor }
  })
