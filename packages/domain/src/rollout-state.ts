import type { ReleaseStatus } from './release-status.ts'
import { type RolloutPlan, runsBeside, stepOf } from './rollout-plan.ts'
import type { TrackName } from './tracks.ts'

/** Where the rollout of an app's releases stands. */
export interface RolloutState {
  plan: RolloutPlan
  /** The release that was live before; null: none. */
  live: number | null
  /** The release that is to be live. */
  target: number
  /**
   * `pending`: asked for, not seen yet. `stopping`: the old instances end first. `starting`: on its way to its first requests.
   * `shifting`: a candidate gets some of them. `promoting`: it gets all, and the stable track takes it over. `aborting`: back to what
   * was live. Over: `live`, `failed` (which may still become live), `aborted`.
   */
  phase: 'pending' | 'stopping' | 'starting' | 'shifting' | 'promoting' | 'aborting' | 'live' | 'failed' | 'aborted'
  /** Index into the plan's steps. */
  step: number
  /** Percent of the requests that the candidate gets now. */
  weight: number
  /** Set while a step waits: until when, in ms since 1970; null: until somebody resumes. */
  hold: { untilMs: number | null } | null
  isPaused: boolean
  /** The stable track runs what is live and nothing else, or was not asked for anything else since. */
  isStableSettled: boolean
  /** Since when there was no progress, in ms since 1970. */
  sinceMs: number
  /** Why it is aborted. */
  outcome: 'cancelled' | 'failed' | null
  /** Counts what was asked for: observations of before are passed over. */
  revision: number
  /** What to start once this one is over: it cannot be replaced while both tracks change. */
  next: { release: number; plan: RolloutPlan } | null
}

/** One track as the cluster shows it, against what `tracksOf` asks for. */
export interface TrackFacts {
  /** Release of its workloads; null while not all are of one. */
  release: number | null
  /** Instances that have not ended, of whatever release. */
  running: number
  /** Ready instances of that release. */
  ready: number
  /** All of what is asked for is there, ready and of that release, and nothing else is left. */
  isDone: boolean
  /** It will not come to be ready by itself. */
  isFailing: boolean
}

export type RolloutEvent =
  | { kind: 'start'; release: number; plan: RolloutPlan }
  | { kind: 'observed'; revision: number; stable: TrackFacts; candidate: TrackFacts | null }
  | { kind: 'pause' | 'resume' | 'abort' | 'tick' }

/** What is to run: at most two tracks, whose weights add up to 100. `share`: percent of the app's instances, at least one of them. */
export interface RolloutTrack {
  track: TrackName
  release: number
  weight: number
  share: number
}

/** A rollout has ended: nothing more happens by itself but that a failed one recovers. */
export function isRolloutOver({ phase }: RolloutState): boolean {
  return phase === 'live' || phase === 'failed' || phase === 'aborted'
}

/** Whether the new release runs beside the old one: not where there is none. */
export const hasCandidate = ({ live, plan }: RolloutState): boolean => live !== null && runsBeside(plan)

/** True where the first thing that is asked for is that the stable track runs the new release. */
export const replacesAtOnce = ({ strategy }: RolloutPlan): boolean => strategy === 'rolling'

/** Makes the first state of a rollout. `live`: the release that runs already. */
export function startRollout(release: number, plan: RolloutPlan, live: number | null, nowMs: number): RolloutState {
  return {
    ...{ plan, live, target: release, phase: 'pending', step: 0, weight: 0, hold: null, isPaused: false },
    ...{ sinceMs: nowMs, outcome: null, revision: 1, next: null, isStableSettled: !replacesAtOnce(plan) },
  }
}

/** What the manifests are rendered from. Empty where an app's first release was given up. */
export function tracksOf(state: RolloutState): RolloutTrack[] {
  const { phase, live, target, plan, weight } = state
  const alone = (release: number, share = 100): RolloutTrack[] => [{ track: 'stable', release, weight: 100, share }]
  if (phase === 'live') return alone(target)
  if (phase === 'aborted') return live === null ? [] : alone(live)
  if (live === null) return alone(target)
  if (phase === 'stopping') return alone(live, 0)
  if (!hasCandidate(state)) {
    const waits = phase === 'pending' && plan.strategy === 'recreate'
    return alone(phase === 'aborting' || waits ? live : target)
  }
  if (phase === 'pending') return alone(live)
  const isReplacing = phase === 'promoting'
  const { share } = stepOf(plan, state.step)
  const kept = plan.byInstances && phase === 'shifting' ? Math.max(1, 100 - weight) : 100
  return [
    { track: 'stable', release: isReplacing ? target : live, weight: 100 - weight, share: kept },
    { track: 'candidate', release: target, weight, share },
  ]
}

/** The status of a release while this is its app's rollout; null for one that it has nothing to do with. */
export function statusIn({ phase, live, target, outcome }: RolloutState, release: number): ReleaseStatus | null {
  if (release !== target) return release !== live ? null : phase === 'live' ? 'superseded' : 'live'
  switch (phase) {
    case 'pending':
    case 'live':
    case 'failed':
      return phase
    case 'stopping':
    case 'starting':
    case 'shifting':
    case 'promoting':
      return 'rolling_out'
    case 'aborting':
    case 'aborted':
      return outcome === 'failed' ? 'failed' : 'cancelled'
  }
}
