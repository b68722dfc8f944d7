import { getAccount } from '@slipway/db'
import type { AccountView } from '@slipway/domain'
import { accountProcedure } from '../procedures.ts'

export const accountGet = accountProcedure.query(async ({ ctx }): Promise<AccountView> => {
  const { email, name, operator, teams } = await getAccount(ctx.db, ctx.caller.userId)
  return { email, name, operator, teams: teams.map((team) => ({ team: team.slug, name: team.name, role: team.role })) }
})
