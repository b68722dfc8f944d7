import { listTeamIds } from '@slipway/db'
import { type AppSummary, appListInput } from '@slipway/domain'
import { accountProcedure } from '../procedures.ts'
import { summariesOf } from '../views/apps.ts'

/** Apps of all teams of the account. A team that it is not in has none. */
export const appList = accountProcedure.input(appListInput).query(async ({ ctx, input }): Promise<AppSummary[]> => {
  await ctx.apps.fresh()
  return summariesOf(ctx.apps, await listTeamIds(ctx.db, ctx.caller.userId), input)
})
