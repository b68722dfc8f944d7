import { createApp } from '@slipway/db'
import { type AppView, createAppInput } from '@slipway/domain'
import { checkImageAccess } from '../image-access.ts'
import { environmentProcedure } from '../procedures.ts'
import { changedAppView } from '../views/app.ts'

export const appCreate = environmentProcedure('app.create')
  .input(createAppInput)
  .mutation(async ({ ctx, input }): Promise<AppView> => {
    const { source, settings, ...ref } = input
    if (source.kind === 'image') checkImageAccess(ctx.config, ref.team, source.image)
    const appId = await createApp(ctx.db, {
      teamId: ctx.scope.team.id,
      environmentId: ctx.scope.environment.id,
      ref,
      source,
      settings,
      appsDomain: ctx.config.appsDomain,
      actor: ctx.caller,
    })
    return changedAppView(ctx, appId, ctx.scope.role)
  })
