import { setRegistry } from '@slipway/db'
import { type RegistryView, setRegistryInput } from '@slipway/domain'
import { teamProcedure } from '../procedures.ts'
import { loadRegistries } from '../views/registry.ts'

/** The environments' pull secrets follow; instances that run already are left alone. */
export const registrySet = teamProcedure('registry.manage')
  .input(setRegistryInput)
  .mutation(async ({ ctx, input }): Promise<RegistryView[]> => {
    const { team } = ctx.scope
    const { host, username, password } = input
    await setRegistry(ctx.db, { teamId: team.id, team: team.slug, host, username, password, actor: ctx.caller })
    return loadRegistries(ctx, ctx.scope)
  })
