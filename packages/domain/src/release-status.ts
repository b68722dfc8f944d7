/**
 * Life of a release, as observed in the cluster: pending → rolling_out → live → superseded, or failed / cancelled.
 * `failed` may still become `live` when the cluster recovers while it is the app's current release.
 */
export const RELEASE_STATUSES = ['pending', 'rolling_out', 'live', 'superseded', 'failed', 'cancelled'] as const
export type ReleaseStatus = (typeof RELEASE_STATUSES)[number]

/** True while a release is on its way: it can be cancelled. */
export function isRollingOut(status: ReleaseStatus): boolean {
  return status === 'pending' || status === 'rolling_out'
}

/** Why a release was made. */
export const RELEASE_KINDS = ['image', 'build', 'config', 'rollback'] as const
export type ReleaseKind = (typeof RELEASE_KINDS)[number]
