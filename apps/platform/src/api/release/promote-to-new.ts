import { type PromotedView, promoteInput } from '@slipway/domain'
import { appProcedure } from '../procedures.ts'
import { promoted } from '../views/promotion.ts'

/** As release.promote; an app that is missing there is created with the settings and sizes of this one. */
export const releasePromoteToNew = appProcedure('app.create')
  .input(promoteInput)
  .mutation(({ ctx, input }): Promise<PromotedView> => promoted(ctx, input, true))
