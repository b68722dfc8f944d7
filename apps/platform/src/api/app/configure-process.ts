import { configureProcess } from '@slipway/db'
import { type AppView, configureProcessInput } from '@slipway/domain'
import { appProcedure } from '../procedures.ts'
import { changedAppView } from '../views/app.ts'

/** Health check, stop and drain times: a release of their own. */
export const appConfigureProcess = appProcedure('app.update')
  .input(configureProcessInput)
  .mutation(async ({ ctx, input }): Promise<AppView> => {
    const { app, role } = ctx.scope
    const { process, options } = input
    await configureProcess(ctx.db, { appId: app.id, process, options, actor: ctx.caller })
    return changedAppView(ctx, app.id, role)
  })
