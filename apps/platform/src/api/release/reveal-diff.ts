import { diffConfig, getRelease, recordAudit } from '@slipway/db'
import { appPath, type ConfigValues, releaseDiffInput } from '@slipway/domain'
import { appProcedure } from '../procedures.ts'

/** Values in clear of the config vars that differ between two releases. Who looked at them is written down. */
export const releaseRevealDiff = appProcedure('config.reveal')
  .input(releaseDiffInput)
  .query(async ({ ctx, input }): Promise<ConfigValues[]> => {
    const { app, team } = ctx.scope
    const [from, to] = await Promise.all([getRelease(ctx.db, app.id, input.from), getRelease(ctx.db, app.id, input.to)])
    const values = diffConfig(ctx.db, from, to).map(({ key, before, after }) => ({ key, before, after }))
    if (values.length === 0) return values
    await recordAudit(ctx.db, {
      teamId: team.id,
      actor: ctx.caller,
      action: 'config.reveal',
      subject: appPath(input),
      summary:
        `Revealed how ${values.map(({ key }) => key).join(', ')} differ between v${from.number} and v${to.number}.`.slice(
          0,
          1000,
        ),
    })
    return values
  })
