import { createTeam } from '@slipway/db'
import { createTeamInput, type TeamView } from '@slipway/domain'
import { accountProcedure } from '../procedures.ts'
import { loadTeamView } from '../views/team.ts'

/** Whoever makes a team owns it. */
export const teamCreate = accountProcedure
  .input(createTeamInput)
  .mutation(async ({ ctx, input }): Promise<TeamView> => {
    const { caller } = ctx
    const { userId, operator } = caller
    const team = await createTeam(ctx.db, { slug: input.team, name: input.name, userId, operator, actor: caller })
    return loadTeamView(ctx, { role: 'owner', team })
  })
