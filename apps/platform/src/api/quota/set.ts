import { setTeamQuota } from '@slipway/db'
import { type QuotaView, setQuotaInput } from '@slipway/domain'
import { teamProcedure } from '../procedures.ts'
import { loadQuotaView } from '../views/team.ts'

export const quotaSet = teamProcedure('quota.manage')
  .input(setQuotaInput)
  .mutation(async ({ ctx, input }): Promise<QuotaView> => {
    const { team } = ctx.scope
    await setTeamQuota(ctx.db, { teamId: team.id, team: team.slug, limits: input.limits, actor: ctx.caller })
    return loadQuotaView(ctx, ctx.scope)
  })
