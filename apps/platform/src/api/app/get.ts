import type { AppView } from '@slipway/domain'
import { appProcedure } from '../procedures.ts'
import { appView } from '../views/app.ts'

export const appGet = appProcedure('app.read').query(async ({ ctx }): Promise<AppView> => {
  const { app, role } = ctx.scope
  await ctx.apps.fresh([app.id])
  return appView(ctx.apps, app.id, role)
})
