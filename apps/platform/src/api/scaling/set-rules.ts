import { setScaleRules } from '@slipway/db'
import { type AppView, setScaleRulesInput } from '@slipway/domain'
import { appProcedure } from '../procedures.ts'
import { changedAppView } from '../views/app.ts'

export const scalingSetRules = appProcedure('app.scale')
  .input(setScaleRulesInput)
  .mutation(async ({ ctx, input }): Promise<AppView> => {
    const { app, role } = ctx.scope
    const { process, rules } = input
    await setScaleRules(ctx.db, { appId: app.id, process, rules, actor: ctx.caller, now: ctx.now() })
    return changedAppView(ctx, app.id, role)
  })
