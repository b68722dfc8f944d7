import { type PromotedView, promoteInput } from '@slipway/domain'
import { appProcedure } from '../procedures.ts'
import { promoted } from '../views/promotion.ts'

/** The same image in another environment, for the app of this name that is there, with its own config; nothing is built. */
export const releasePromote = appProcedure('app.deploy')
  .input(promoteInput)
  .mutation(({ ctx, input }): Promise<PromotedView> => promoted(ctx, input, false))
