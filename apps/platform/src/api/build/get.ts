import { getBuild } from '@slipway/db'
import { type BuildView, buildRefSchema } from '@slipway/domain'
import { buildView } from '../../apps/release-view.ts'
import { appProcedure } from '../procedures.ts'

export const buildGet = appProcedure('app.read')
  .input(buildRefSchema)
  .query(async ({ ctx, input }): Promise<BuildView> => buildView(await getBuild(ctx.db, ctx.scope.app.id, input.build)))
