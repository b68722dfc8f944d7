import { listAppRows } from '@slipway/db'
import { type AppSummary, appListInput } from '@slipway/domain'
import { accountProcedure } from '../procedures.ts'
import { appSummary } from '../views/app.ts'

/** Apps of all teams of the account. A team that it is not in has none. */
export const appList = accountProcedure.input(appListInput).query(async ({ ctx, input }): Promise<AppSummary[]> => {
  const rows = await listAppRows(ctx.db, ctx.caller.userId, input)
  return rows.map((row) => appSummary(ctx, row))
})
