import { findTeam, setTeamQuota, writeOperatorEvent } from '@slipway/db'
import { adminQuotaInput } from '@slipway/domain'
import { type Empty, operatorProcedure } from '../procedures.ts'

/** From then on only operators change the team's quota, until one hands it back. */
export const adminSetQuota = operatorProcedure
  .input(adminQuotaInput)
  .mutation(async ({ ctx, input }): Promise<Empty> => {
    const { id: teamId, slug } = await findTeam(ctx.db, input.team)
    const change = { teamId, team: slug, limits: input.limits, actor: ctx.caller, byOperator: true }
    await setTeamQuota(ctx.db, change, (tx, summary) =>
      writeOperatorEvent(tx, { actor: ctx.caller, action: 'quota.set', subject: slug, summary }),
    )
    return {}
  })
