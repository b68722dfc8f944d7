import type { RegistryView } from '@slipway/domain'
import { teamProcedure } from '../procedures.ts'
import { loadRegistries } from '../views/registry.ts'

export const registryList = teamProcedure('registry.read').query(
  ({ ctx }): Promise<RegistryView[]> => loadRegistries(ctx, ctx.scope),
)
