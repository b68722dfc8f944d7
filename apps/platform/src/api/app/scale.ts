import { scaleApp } from '@slipway/db'
import { type AppView, scaleInput } from '@slipway/domain'
import { appProcedure } from '../procedures.ts'
import { loadAppView } from '../views/app.ts'

export const appScale = appProcedure('app.scale')
  .input(scaleInput)
  .mutation(async ({ ctx, input }): Promise<AppView> => {
    const { app, role } = ctx.scope
    await scaleApp(ctx.db, { appId: app.id, processes: input.processes, actor: ctx.caller })
    return loadAppView(ctx, app.id, role)
  })
