import { listInvitations } from '@slipway/db'
import type { InvitationView } from '@slipway/domain'
import { teamProcedure } from '../procedures.ts'
import { invitationView } from '../views/team.ts'

export const invitationList = teamProcedure('member.manage').query(async ({ ctx }): Promise<InvitationView[]> => {
  const invitations = await listInvitations(ctx.db, ctx.scope.team.id, ctx.now())
  return invitations.map(invitationView)
})
