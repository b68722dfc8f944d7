import { clearBuildCache } from '@slipway/db'
import type { AppView } from '@slipway/domain'
import { appProcedure } from '../procedures.ts'
import { changedAppView } from '../views/app.ts'

/** The next build installs and compiles everything again. */
export const buildClearCache = appProcedure('app.deploy').mutation(async ({ ctx }): Promise<AppView> => {
  const { app, role } = ctx.scope
  await clearBuildCache(ctx.db, { appId: app.id, actor: ctx.caller })
  return changedAppView(ctx, app.id, role)
})
