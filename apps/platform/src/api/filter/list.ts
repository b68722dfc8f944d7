import { listSavedFilters } from '@slipway/db'
import type { SavedFilter } from '@slipway/domain'
import { accountProcedure } from '../procedures.ts'

/** The account's own: nobody else sees them. */
export const filterList = accountProcedure.query(
  ({ ctx }): Promise<SavedFilter[]> => listSavedFilters(ctx.db, ctx.caller.userId),
)
