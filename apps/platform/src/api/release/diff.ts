import { type ReleaseDiffView, releaseDiffInput } from '@slipway/domain'
import { appProcedure } from '../procedures.ts'
import { releaseDiffView } from '../views/release-diff.ts'

/** What differs between two releases. Values of config vars are not part of it. */
export const releaseDiff = appProcedure('app.read')
  .input(releaseDiffInput)
  .query(async ({ ctx, input }): Promise<ReleaseDiffView> => {
    const { id } = ctx.scope.app
    await ctx.apps.fresh([id])
    return releaseDiffView(ctx, id, input)
  })
