import { readInstallationSettings } from '@slipway/db'
import type { InstallationSettingsView } from '@slipway/domain'
import { operatorProcedure } from '../procedures.ts'

export const adminSettings = operatorProcedure.query(
  ({ ctx }): Promise<InstallationSettingsView> => readInstallationSettings(ctx.db),
)
