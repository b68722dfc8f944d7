import { createBuild, getBuild } from '@slipway/db'
import { AppError, type BuildView, buildRefSchema } from '@slipway/domain'
import { NO_REGISTRY } from '../../apps/capabilities.ts'
import { buildView } from '../../apps/release-view.ts'
import { appProcedure } from '../procedures.ts'

/** Builds the commit of an earlier build once more, with the present settings, and releases it. */
export const buildStart = appProcedure('app.deploy')
  .input(buildRefSchema)
  .mutation(async ({ ctx, input }): Promise<BuildView> => {
    if (!ctx.config.capabilities.builds) throw new AppError('not_configured', NO_REGISTRY)
    const appId = ctx.scope.app.id
    const { commit, branch, message } = await getBuild(ctx.db, appId, input.build)
    const wanted = { appId, trigger: 'manual', commit, branch, message, actor: ctx.caller } as const
    const { build } = await createBuild(ctx.db, wanted)
    return buildView(build)
  })
