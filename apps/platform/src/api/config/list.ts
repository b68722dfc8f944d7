import { listConfigVars } from '@slipway/db'
import type { ConfigVarView } from '@slipway/domain'
import { appProcedure } from '../procedures.ts'
import { maskOf } from '../views/config.ts'

/** Never values: those are asked for one by one. */
export const configList = appProcedure('config.read').query(async ({ ctx }): Promise<ConfigVarView[]> => {
  const rows = await listConfigVars(ctx.db, ctx.scope.app.id)
  return rows.map(({ key, length, updatedAt, updatedBy }) => ({
    key,
    masked: maskOf(length),
    updatedAt: updatedAt.toISOString(),
    updatedBy,
  }))
})
