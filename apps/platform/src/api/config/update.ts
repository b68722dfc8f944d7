import { applyConfig } from '@slipway/db'
import { applyConfigInput, type ReleaseView } from '@slipway/domain'
import { appProcedure } from '../procedures.ts'
import { releaseViewOf } from '../views/release.ts'

/** Sets and unsets in one step; one release, none while nothing is deployed. */
export const configUpdate = appProcedure('config.write')
  .input(applyConfigInput)
  .mutation(async ({ ctx, input }): Promise<ReleaseView | null> => {
    const { set, unset } = input
    const release = await applyConfig(ctx.db, { appId: ctx.scope.app.id, set, unset, actor: ctx.caller })
    return release && releaseViewOf(ctx.db, release)
  })
