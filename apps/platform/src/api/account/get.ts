import { getAccount, readInstallationSettings } from '@slipway/db'
import type { AccountView } from '@slipway/domain'
import { accountProcedure } from '../procedures.ts'

export const accountGet = accountProcedure.query(async ({ ctx }): Promise<AccountView> => {
  const [{ email, name, operator, teams }, { teamCreation }] = await Promise.all([
    getAccount(ctx.db, ctx.caller.userId),
    readInstallationSettings(ctx.db),
  ])
  const mayCreateTeams = operator || teamCreation === 'everyone'
  return {
    email,
    name,
    operator,
    mayCreateTeams,
    teams: teams.map((team) => ({ team: team.slug, name: team.name, role: team.role })),
  }
})
