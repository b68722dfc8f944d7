import { listActiveBuilds } from '@slipway/db'
import type { AdminBuildView } from '@slipway/domain'
import { operatorProcedure } from '../procedures.ts'
import { adminBuildView } from '../views/admin.ts'

/** What runs and waits in all teams, oldest first; 200 at most. */
export const adminBuilds = operatorProcedure.query(
  async ({ ctx }): Promise<AdminBuildView[]> => (await listActiveBuilds(ctx.db)).map(adminBuildView),
)
