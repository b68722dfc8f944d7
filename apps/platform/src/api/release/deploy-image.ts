import { deployImage } from '@slipway/db'
import { deployImageInput, type ReleaseView } from '@slipway/domain'
import { checkImageAccess } from '../image-access.ts'
import { appProcedure } from '../procedures.ts'
import { releaseViewOf } from '../views/release.ts'

export const releaseDeployImage = appProcedure('app.deploy')
  .input(deployImageInput)
  .mutation(async ({ ctx, input }): Promise<ReleaseView> => {
    const { image, processes, command } = input
    checkImageAccess(ctx.config, ctx.scope.team.slug, image)
    return releaseViewOf(
      ctx.db,
      await deployImage(ctx.db, { appId: ctx.scope.app.id, image, processes, command, actor: ctx.caller }),
    )
  })
