import { renameTeam } from '@slipway/db'
import { type TeamView, updateTeamInput } from '@slipway/domain'
import { teamProcedure } from '../procedures.ts'
import { loadTeamView } from '../views/team.ts'

export const teamUpdate = teamProcedure('team.update')
  .input(updateTeamInput)
  .mutation(async ({ ctx, input }): Promise<TeamView> => {
    await renameTeam(ctx.db, { teamId: ctx.scope.team.id, name: input.name, actor: ctx.caller })
    return loadTeamView(ctx, ctx.scope)
  })
