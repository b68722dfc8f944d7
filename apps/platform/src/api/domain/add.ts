import { addDomain } from '@slipway/db'
import { AppError, type AppView, addDomainInput, hostnameProblem } from '@slipway/domain'
import { appProcedure } from '../procedures.ts'
import { changedAppView } from '../views/app.ts'
import { ownNames } from './own-names.ts'

export const domainAdd = appProcedure('app.deploy')
  .input(addDomainInput)
  .mutation(async ({ ctx, input }): Promise<AppView> => {
    const { app, role } = ctx.scope
    const { hostname } = input
    const problem = hostnameProblem(hostname, ownNames(ctx.config))
    if (problem !== null) throw new AppError('conflict', problem)
    const needsProof = ctx.config.verifyDomains === 'always'
    await addDomain(ctx.db, { appId: app.id, hostname, actor: ctx.caller, needsProof })
    return changedAppView(ctx, app.id, role)
  })
