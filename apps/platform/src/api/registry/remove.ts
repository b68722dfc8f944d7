import { removeRegistry } from '@slipway/db'
import { type RegistryView, removeRegistryInput } from '@slipway/domain'
import { teamProcedure } from '../procedures.ts'
import { loadRegistries } from '../views/registry.ts'

export const registryRemove = teamProcedure('registry.manage')
  .input(removeRegistryInput)
  .mutation(async ({ ctx, input }): Promise<RegistryView[]> => {
    const { team } = ctx.scope
    await removeRegistry(ctx.db, { teamId: team.id, team: team.slug, host: input.host, actor: ctx.caller })
    return loadRegistries(ctx, ctx.scope)
  })
