import type { AppSummary } from '@slipway/domain'
import type { AppFilter } from '../../apps/app-index.ts'
import type { AppState } from '../../apps/app-state.ts'

/** Apps of these teams as lists show them, by path. */
export function summariesOf(apps: AppState, teamIds: ReadonlySet<string>, filter: AppFilter): AppSummary[] {
  return apps.list(teamIds, filter).flatMap((id) => apps.summary(id) ?? [])
}
