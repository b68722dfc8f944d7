import { recordAudit, revealConfigVar } from '@slipway/db'
import { appPath, revealConfigInput } from '@slipway/domain'
import { appProcedure } from '../procedures.ts'

/** One value in clear. Who looked at it is written down. */
export const configReveal = appProcedure('config.reveal')
  .input(revealConfigInput)
  .query(async ({ ctx, input }): Promise<{ value: string }> => {
    const { app, team } = ctx.scope
    const value = await revealConfigVar(ctx.db, app.id, input.key)
    await recordAudit(ctx.db, {
      teamId: team.id,
      actor: ctx.caller,
      action: 'config.reveal',
      subject: appPath(input),
      summary: `Revealed the value of ${input.key}.`,
    })
    return { value }
  })
