import { applyConfig } from '@slipway/db'
import { applyConfigInput, type ReleaseView } from '@slipway/domain'
import { releaseView } from '../../apps/release-view.ts'
import { appProcedure } from '../procedures.ts'

/** Sets and unsets in one step; one release, none while nothing is deployed. */
export const configUpdate = appProcedure('config.write')
  .input(applyConfigInput)
  .mutation(async ({ ctx, input }): Promise<ReleaseView | null> => {
    const { set, unset } = input
    const release = await applyConfig(ctx.db, { appId: ctx.scope.app.id, set, unset, actor: ctx.caller })
    return release && releaseView(release)
  })
