import { findAccountByEmail, getInvitation } from '@slipway/db'
import { type InvitationOffer, invitationTokenInput } from '@slipway/domain'
import { hashToken } from '../../auth/tokens.ts'
import { publicProcedure } from '../procedures.ts'

/** Who holds the link's secret may know what it offers. */
export const invitationGet = publicProcedure
  .input(invitationTokenInput)
  .query(async ({ ctx, input }): Promise<InvitationOffer> => {
    const { email, role, team } = await getInvitation(ctx.db, hashToken(input.token), ctx.now())
    const hasAccount = (await findAccountByEmail(ctx.db, email)) !== null
    return { team: team.slug, teamName: team.name, email, role, hasAccount }
  })
