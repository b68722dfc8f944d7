import { setTeamQuota } from '@slipway/db'
import { type QuotaView, setQuotaInput } from '@slipway/domain'
import { teamProcedure } from '../procedures.ts'
import { loadQuotaView } from '../views/team.ts'

/** An admin who is also an operator sets it as an operator: after that only operators change it. */
export const quotaSet = teamProcedure('quota.manage')
  .input(setQuotaInput)
  .mutation(async ({ ctx, input }): Promise<QuotaView> => {
    const { team } = ctx.scope
    const { caller: actor } = ctx
    const change = { teamId: team.id, team: team.slug, limits: input.limits, actor, byOperator: actor.operator }
    await setTeamQuota(ctx.db, change)
    return loadQuotaView(ctx, ctx.scope)
  })
