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

/** For queries: the statuses of releases on their way. */
export const ROLLING_OUT_STATUSES: ReleaseStatus[] = RELEASE_STATUSES.filter(isRollingOut)

/** True while surge instances may be there. A release that failed keeps its surge instance for as long as it is current. */
export function mayHoldSurge(status: ReleaseStatus): boolean {
  return isRollingOut(status) || status === 'failed'
}

/** For queries: the statuses of current releases whose surge instances count. */
export const SURGING_STATUSES: ReleaseStatus[] = RELEASE_STATUSES.filter(mayHoldSurge)

/** Where a rollback goes: the newest release before the current one that was live; null where there is none. */
export function fallbackOf(
  releases: readonly { number: number; liveAt: Date | string | null }[],
  current: number | null,
): number | null {
  const earlier = releases.filter(({ number, liveAt }) => current !== null && number < current && liveAt !== null)
  return earlier.length === 0 ? null : Math.max(...earlier.map(({ number }) => number))
}

/** Why a release was made. */
export const RELEASE_KINDS = ['image', 'build', 'config', 'rollback', 'promotion'] as const
export type ReleaseKind = (typeof RELEASE_KINDS)[number]
