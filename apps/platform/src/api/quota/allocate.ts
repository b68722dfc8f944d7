import { allocate } from '@slipway/db'
import { type QuotaView, setAllocationInput } from '@slipway/domain'
import { environmentProcedure } from '../procedures.ts'
import { loadQuotaView } from '../views/team.ts'

export const quotaAllocate = environmentProcedure('quota.manage')
  .input(setAllocationInput)
  .mutation(async ({ ctx, input }): Promise<QuotaView> => {
    const { team, environment } = ctx.scope
    await allocate(ctx.db, {
      teamId: team.id,
      environmentId: environment.id,
      subject: `${input.team}/${input.project}/${input.environment}`,
      limits: input.limits,
      actor: ctx.caller,
    })
    return loadQuotaView(ctx, ctx.scope)
  })
