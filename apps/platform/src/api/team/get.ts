import type { TeamView } from '@slipway/domain'
import { teamProcedure } from '../procedures.ts'
import { loadTeamView } from '../views/team.ts'

export const teamGet = teamProcedure('team.read').query(({ ctx }): Promise<TeamView> => loadTeamView(ctx, ctx.scope))
