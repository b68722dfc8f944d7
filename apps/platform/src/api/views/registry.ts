import { listRegistries } from '@slipway/db'
import type { RegistryView } from '@slipway/domain'
import type { TeamScope } from '../../auth/scope.ts'
import type { ApiDependencies } from '../context.ts'

/** Registries that a team has credentials for, by host. */
export async function loadRegistries({ db }: Pick<ApiDependencies, 'db'>, scope: TeamScope): Promise<RegistryView[]> {
  const rows = await listRegistries(db, scope.team.id)
  return rows.map(({ host, username, updatedAt, updatedBy }) => ({
    host,
    username,
    updatedAt: updatedAt.toISOString(),
    updatedBy,
  }))
}
