import { updateSettings } from '@slipway/db'
import { type AppView, updateSettingsInput } from '@slipway/domain'
import { appProcedure } from '../procedures.ts'
import { changedAppView } from '../views/app.ts'

/** How the app is built from its next build on; what runs stays as it is. */
export const appUpdateSettings = appProcedure('app.update')
  .input(updateSettingsInput)
  .mutation(async ({ ctx, input }): Promise<AppView> => {
    const { app, role } = ctx.scope
    const { settings, deployBranch } = input
    await updateSettings(ctx.db, { appId: app.id, settings, deployBranch, actor: ctx.caller })
    return changedAppView(ctx, app.id, role)
  })
