import { clearBuildCache } from '@slipway/db'
import type { AppView } from '@slipway/domain'
import { appProcedure } from '../procedures.ts'
import { loadAppView } from '../views/app.ts'

/** The next build installs and compiles everything anew. */
export const buildClearCache = appProcedure('app.deploy').mutation(async ({ ctx }): Promise<AppView> => {
  const { app, role } = ctx.scope
  await clearBuildCache(ctx.db, { appId: app.id, actor: ctx.caller })
  return loadAppView(ctx, app.id, role)
})
