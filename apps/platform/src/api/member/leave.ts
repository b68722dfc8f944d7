import { removeMember } from '@slipway/db'
import { teamRefSchema } from '@slipway/domain'
import { type Empty, teamProcedure } from '../procedures.ts'

/** Out of a team by oneself, whatever the role; the last owner stays. */
export const memberLeave = teamProcedure('member.leave')
  .input(teamRefSchema)
  .mutation(async ({ ctx }): Promise<Empty> => {
    const { team } = ctx.scope
    const { caller: actor } = ctx
    // Everybody may give away what they hold themselves.
    await removeMember(ctx.db, { teamId: team.id, team: team.slug, email: actor.email, actor, actorRole: 'owner' })
    return {}
  })
