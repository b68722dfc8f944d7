import type { AppView } from '@slipway/domain'
import { appProcedure } from '../procedures.ts'
import { loadAppView } from '../views/app.ts'

export const appGet = appProcedure('app.read').query(
  ({ ctx }): Promise<AppView> => loadAppView(ctx, ctx.scope.app.id, ctx.scope.role),
)
