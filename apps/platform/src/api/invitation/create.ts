import { createInvitation } from '@slipway/db'
import { createInvitationInput, type NewInvitationView } from '@slipway/domain'
import { hashToken, newLinkSecret } from '../../auth/tokens.ts'
import { teamProcedure } from '../procedures.ts'
import { invitationView } from '../views/team.ts'

const INVITATION_DAYS = 7
const DAY_MS = 24 * 60 * 60 * 1000

/** Inviting an address again ends its earlier link. */
export const invitationCreate = teamProcedure('member.manage')
  .input(createInvitationInput)
  .mutation(async ({ ctx, input }): Promise<NewInvitationView> => {
    const { team, role: actorRole } = ctx.scope
    const secret = newLinkSecret()
    const invitation = await createInvitation(ctx.db, {
      teamId: team.id,
      team: team.slug,
      email: input.email,
      role: input.role,
      tokenHash: hashToken(secret),
      expiresAt: new Date(ctx.now().getTime() + INVITATION_DAYS * DAY_MS),
      actor: ctx.caller,
      actorRole,
    })
    return { ...invitationView(invitation), path: `/invite/${secret}` }
  })
