import { countActiveBuilds } from '@slipway/db'
import type { InstallationHealthView } from '@slipway/domain'
import { operatorProcedure } from '../procedures.ts'

export const adminHealth = operatorProcedure.query(async ({ ctx }): Promise<InstallationHealthView> => {
  const [parts, builds] = await Promise.all([ctx.ports.health.parts(), countActiveBuilds(ctx.db)])
  return { parts, queues: ctx.ports.health.queues(), builds: { ...builds, limit: ctx.config.buildConcurrency } }
})
