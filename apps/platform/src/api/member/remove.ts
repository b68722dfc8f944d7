import { removeMember } from '@slipway/db'
import { type MemberView, removeMemberInput } from '@slipway/domain'
import { teamProcedure } from '../procedures.ts'
import { loadMembers } from '../views/team.ts'

export const memberRemove = teamProcedure('member.manage')
  .input(removeMemberInput)
  .mutation(async ({ ctx, input }): Promise<MemberView[]> => {
    const { team, role: actorRole } = ctx.scope
    await removeMember(ctx.db, { teamId: team.id, team: team.slug, email: input.email, actor: ctx.caller, actorRole })
    return loadMembers(ctx, ctx.scope)
  })
