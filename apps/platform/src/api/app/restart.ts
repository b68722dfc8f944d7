import { restartApp, restartInstance } from '@slipway/db'
import { AppError, type AppView, restartInput } from '@slipway/domain'
import { appProcedure } from '../procedures.ts'
import { changedAppView } from '../views/app.ts'

/** Restarts the app, one of its processes, or one instance. No release is made. */
export const appRestart = appProcedure('app.deploy')
  .input(restartInput)
  .mutation(async ({ ctx, input }): Promise<AppView> => {
    const { app, role } = ctx.scope
    const { process, instance } = input
    const by = { appId: app.id, actor: ctx.caller, now: ctx.now() }
    if (instance === undefined) {
      await restartApp(ctx.db, { ...by, process })
    } else {
      const { instanceList } = await changedAppView(ctx, app.id, role)
      const isThere = instanceList.some((each) => each.name === instance)
      if (!isThere) throw new AppError('not_found', `There is no instance ${instance}. It may have been replaced.`)
      await restartInstance(ctx.db, { ...by, instance })
    }
    return changedAppView(ctx, app.id, role)
  })
