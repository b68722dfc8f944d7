import { hasAccounts } from '@slipway/db'
import type { SetupView } from '@slipway/domain'
import { publicProcedure } from '../procedures.ts'

export const setupStatus = publicProcedure.query(
  async ({ ctx }): Promise<SetupView> => ({
    needsFirstAccount: !(await hasAccounts(ctx.db)),
    capabilities: ctx.config.capabilities,
    isolation: await ctx.ports.isolation(),
    problem: await ctx.ports.problem(),
  }),
)
