import { sumQuotas } from '@slipway/db'
import type { ClusterCapacityView } from '@slipway/domain'
import { operatorProcedure } from '../procedures.ts'

export const adminCluster = operatorProcedure.query(async ({ ctx }): Promise<ClusterCapacityView> => {
  const { resources } = ctx.ports
  const [found, capacity, promised] = await Promise.all([resources.nodes(), resources.capacity(), sumQuotas(ctx.db)])
  return { nodes: found?.nodes ?? null, waiting: found?.waiting ?? null, capacity, promised }
})
