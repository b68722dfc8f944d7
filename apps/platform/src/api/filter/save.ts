import { listSavedFilters, saveFilter } from '@slipway/db'
import { type SavedFilter, savedFilterSchema } from '@slipway/domain'
import { accountProcedure } from '../procedures.ts'

/** Answers all of them as they are then. */
export const filterSave = accountProcedure
  .input(savedFilterSchema)
  .mutation(async ({ ctx, input }): Promise<SavedFilter[]> => {
    await saveFilter(ctx.db, ctx.caller.userId, input)
    return listSavedFilters(ctx.db, ctx.caller.userId)
  })
