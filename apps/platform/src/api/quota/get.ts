import type { QuotaView } from '@slipway/domain'
import { teamProcedure } from '../procedures.ts'
import { loadQuotaView } from '../views/team.ts'

export const quotaGet = teamProcedure('quota.read').query(
  ({ ctx }): Promise<QuotaView> => loadQuotaView(ctx, ctx.scope),
)
