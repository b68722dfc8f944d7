import { removeDomain } from '@slipway/db'
import { type AppView, removeDomainInput } from '@slipway/domain'
import { appProcedure } from '../procedures.ts'
import { changedAppView } from '../views/app.ts'

export const domainRemove = appProcedure('app.deploy')
  .input(removeDomainInput)
  .mutation(async ({ ctx, input }): Promise<AppView> => {
    const { app, role } = ctx.scope
    await removeDomain(ctx.db, { appId: app.id, hostname: input.hostname, actor: ctx.caller })
    return changedAppView(ctx, app.id, role)
  })
