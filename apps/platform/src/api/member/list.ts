import type { MemberView } from '@slipway/domain'
import { teamProcedure } from '../procedures.ts'
import { loadMembers } from '../views/team.ts'

export const memberList = teamProcedure('member.read').query(
  ({ ctx }): Promise<MemberView[]> => loadMembers(ctx, ctx.scope),
)
