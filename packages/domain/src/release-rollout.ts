import { isRollingOut, type ReleaseStatus } from './release-status.ts'
import { nextRollout } from './rollout.ts'
import { ROLLING } from './rollout-plan.ts'
import { type RolloutState, startRollout, statusIn, type TrackFacts } from './rollout-state.ts'

interface ReleaseRow {
  number: number
  status: ReleaseStatus
}

/** Where a rolling update stands by its release's status. What people have ended is asked for no less while the app points at it. */
const PHASES = {
  pending: 'pending',
  rolling_out: 'starting',
  live: 'live',
  failed: 'failed',
  superseded: 'starting',
  cancelled: 'starting',
} as const satisfies Record<ReleaseStatus, RolloutState['phase']>

/** The rollout of an app's current release: a rolling update, of which one track and the row's status are all there is to know. */
export function rolloutOfRelease({ number, status }: ReleaseRow): RolloutState {
  return { ...startRollout(number, ROLLING, null, 0), phase: PHASES[status] }
}

/**
 * The status of an app's current release once its track was observed. Live once, it stays live: a crash later is the app's health.
 * One that failed may still become live.
 */
export function releaseStatusAfter(release: ReleaseRow, stable: TrackFacts): ReleaseStatus {
  if (release.status === 'superseded' || release.status === 'cancelled') return release.status
  const before = rolloutOfRelease(release)
  const seen = { kind: 'observed', revision: before.revision, stable, candidate: null } as const
  return statusIn(nextRollout(before, seen, 0), release.number) ?? release.status
}

/** What a cluster shows of a release; the other statuses are what people do, or what is not seen yet. */
export type ObservedStatus = Extract<ReleaseStatus, 'rolling_out' | 'live' | 'failed'>
export function isObservable(status: ReleaseStatus): status is ObservedStatus {
  return status === 'rolling_out' || status === 'live' || status === 'failed'
}

/** Whether a release can be given up: while it is on its way, and when it failed before it ever was live. */
export function isCancellable({ status, liveAt }: { status: ReleaseStatus; liveAt: Date | string | null }): boolean {
  return isRollingOut(status) || (status === 'failed' && liveAt === null)
}
