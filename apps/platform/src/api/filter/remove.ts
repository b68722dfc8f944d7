import { deleteFilter, listSavedFilters } from '@slipway/db'
import { removeFilterInput, type SavedFilter } from '@slipway/domain'
import { accountProcedure } from '../procedures.ts'

/** Answers those that are left. */
export const filterRemove = accountProcedure
  .input(removeFilterInput)
  .mutation(async ({ ctx, input }): Promise<SavedFilter[]> => {
    await deleteFilter(ctx.db, ctx.caller.userId, input.name)
    return listSavedFilters(ctx.db, ctx.caller.userId)
  })
