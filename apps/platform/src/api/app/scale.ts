import { scaleApp } from '@slipway/db'
import { type AppView, scaleInput } from '@slipway/domain'
import { appProcedure } from '../procedures.ts'
import { changedAppView } from '../views/app.ts'

export const appScale = appProcedure('app.scale')
  .input(scaleInput)
  .mutation(async ({ ctx, input }): Promise<AppView> => {
    const { app, role } = ctx.scope
    await scaleApp(ctx.db, { appId: app.id, processes: input.processes, actor: ctx.caller, now: ctx.now() })
    return changedAppView(ctx, app.id, role)
  })
