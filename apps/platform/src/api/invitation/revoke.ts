import { revokeInvitation } from '@slipway/db'
import { revokeInvitationInput } from '@slipway/domain'
import { type Empty, teamProcedure } from '../procedures.ts'

export const invitationRevoke = teamProcedure('member.manage')
  .input(revokeInvitationInput)
  .mutation(async ({ ctx, input }): Promise<Empty> => {
    const { team } = ctx.scope
    await revokeInvitation(ctx.db, { teamId: team.id, team: team.slug, email: input.email, actor: ctx.caller })
    return {}
  })
