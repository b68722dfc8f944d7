import { readInstallationSettings, setInstallationSettings } from '@slipway/db'
import { type InstallationSettingsView, installationSettingsInput } from '@slipway/domain'
import { operatorProcedure } from '../procedures.ts'

export const adminUpdateSettings = operatorProcedure
  .input(installationSettingsInput)
  .mutation(async ({ ctx, input }): Promise<InstallationSettingsView> => {
    await setInstallationSettings(ctx.db, { ...input, actor: ctx.caller })
    return readInstallationSettings(ctx.db)
  })
