import { addDomain } from '@slipway/db'
import { AppError, type AppView, addDomainInput } from '@slipway/domain'
import { appProcedure } from '../procedures.ts'
import { loadAppView } from '../views/app.ts'

export const domainAdd = appProcedure('app.deploy')
  .input(addDomainInput)
  .mutation(async ({ ctx, input }): Promise<AppView> => {
    const { app, role } = ctx.scope
    const { hostname } = input
    if (hostname === new URL(ctx.config.publicUrl).hostname) {
      throw new AppError('conflict', `${hostname} is Slipway’s own address. Choose another host name.`)
    }
    await addDomain(ctx.db, { appId: app.id, hostname, appsDomain: ctx.config.appsDomain, actor: ctx.caller })
    return loadAppView(ctx, app.id, role)
  })
