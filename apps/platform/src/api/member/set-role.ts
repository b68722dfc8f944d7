import { setMemberRole } from '@slipway/db'
import { type MemberView, setRoleInput } from '@slipway/domain'
import { teamProcedure } from '../procedures.ts'
import { loadMembers } from '../views/team.ts'

export const memberSetRole = teamProcedure('member.manage')
  .input(setRoleInput)
  .mutation(async ({ ctx, input }): Promise<MemberView[]> => {
    const { team, role: actorRole } = ctx.scope
    const { email, role } = input
    await setMemberRole(ctx.db, { teamId: team.id, team: team.slug, email, role, actor: ctx.caller, actorRole })
    return loadMembers(ctx, ctx.scope)
  })
