import { isLastStep, type RolloutPlan, runsBeside, stepOf } from './rollout-plan.ts'
import {
  hasCandidate,
  isRolloutOver,
  type RolloutEvent,
  type RolloutState,
  replacesAtOnce,
  startRollout,
  type TrackFacts,
} from './rollout-state.ts'

type Change = Partial<Omit<RolloutState, 'revision' | 'isStableSettled'>>

/** Time without progress begins anew with every change, and what was observed of before does not count for what is asked now. */
function change(state: RolloutState, nowMs: number, changes: Change): RolloutState {
  const after = { ...state, sinceMs: nowMs, ...changes }
  const isReplaced = after.phase === 'stopping' || after.phase === 'promoting'
  const isStableSettled = after.phase === 'live' || after.phase === 'aborted' || (state.isStableSettled && !isReplaced)
  return { ...after, isStableSettled, revision: state.revision + 1 }
}

const canAbort = ({ phase }: RolloutState) => phase !== 'live' && phase !== 'aborted' && phase !== 'aborting'

function abort(state: RolloutState, outcome: 'cancelled' | 'failed', nowMs: number): RolloutState {
  if (state.live === null) return change(state, nowMs, { phase: 'aborted', outcome, weight: 0, hold: null })
  // While the stable track is being replaced the candidate goes on serving, until the stable one is back.
  const weight = state.phase === 'promoting' || state.phase === 'aborting' ? state.weight : 0
  return change(state, nowMs, { phase: 'aborting', outcome, weight, hold: null, isPaused: false })
}

function start(state: RolloutState, release: number, plan: RolloutPlan, nowMs: number): RolloutState {
  const next = { release, plan }
  if (state.phase === 'promoting' || state.phase === 'aborting' || state.phase === 'stopping') return { ...state, next }
  // A stable track that is half-way goes back to what was live before anything is tried out beside it.
  if (runsBeside(plan) && state.live !== null && !state.isStableSettled)
    return { ...abort(state, 'cancelled', nowMs), next }
  const live = state.phase === 'live' ? state.target : state.live
  const isStableSettled = state.isStableSettled && !replacesAtOnce(plan)
  return { ...startRollout(release, plan, live, nowMs), isStableSettled, revision: state.revision + 1 }
}

/** A single track: the cluster replaces the instances, and says how far it is. */
function observeAlone(state: RolloutState, stable: TrackFacts, nowMs: number): RolloutState {
  const { phase, plan, live, target } = state
  if (phase === 'pending' && plan.strategy === 'recreate' && live !== null)
    return change(state, nowMs, { phase: stable.running > 0 ? 'stopping' : 'starting' })
  if (phase === 'stopping') return stable.running > 0 ? state : change(state, nowMs, { phase: 'starting' })
  if (stable.release !== target) return state
  if (stable.isDone) return change(state, nowMs, { phase: 'live' })
  if (stable.isFailing) return phase === 'failed' ? state : change(state, nowMs, { phase: 'failed' })
  return phase === 'starting' ? state : change(state, nowMs, { phase: 'starting' })
}

/** A candidate beside the stable track: a step counts from when all that it asks for is ready. */
function observeBeside(state: RolloutState, seen: Observed, nowMs: number): RolloutState {
  const { phase, plan, target, step } = state
  if (phase === 'pending') return change(state, nowMs, { phase: 'starting' })
  const { stable, candidate } = seen
  if (phase === 'promoting') {
    if (stable.release !== target) return state
    if (stable.isDone) return change(state, nowMs, { phase: 'live', weight: 0 })
    return stable.isFailing ? abort(state, 'failed', nowMs) : state
  }
  if (state.isPaused || candidate === null || candidate.release !== target) return state
  if (candidate.isFailing) return abort(state, 'failed', nowMs)
  if (!candidate.isDone || state.hold !== null) return state
  const { weight, pauseMs } = stepOf(plan, step)
  if (isLastStep(plan, step)) return change(state, nowMs, { phase: 'promoting', weight })
  const hold = { untilMs: pauseMs === null ? null : nowMs + pauseMs }
  return change(state, nowMs, { phase: 'shifting', weight, hold })
}

type Observed = Extract<RolloutEvent, { kind: 'observed' }>

function observe(state: RolloutState, seen: Observed, nowMs: number): RolloutState {
  if (seen.revision !== state.revision) return state
  const { stable } = seen
  if (state.phase === 'live' || state.phase === 'aborted') return state
  if (state.phase === 'aborting') {
    const isBack = stable.release === state.live && stable.isDone
    return isBack ? change(state, nowMs, { phase: 'aborted', weight: 0 }) : state
  }
  return hasCandidate(state) ? observeBeside(state, seen, nowMs) : observeAlone(state, stable, nowMs)
}

/** What time alone brings about: the end of a step's pause, and of patience. */
function tick(state: RolloutState, nowMs: number): RolloutState {
  const { plan, hold, isPaused, phase } = state
  if (isPaused || isRolloutOver(state) || phase === 'aborting') return state
  if (hold !== null)
    return hold.untilMs !== null && nowMs >= hold.untilMs
      ? change(state, nowMs, { hold: null, step: state.step + 1 })
      : state
  if (plan.deadlineMs === null || nowMs - state.sinceMs <= plan.deadlineMs) return state
  return hasCandidate(state) ? abort(state, 'failed', nowMs) : change(state, nowMs, { phase: 'failed' })
}

function resume(state: RolloutState, nowMs: number): RolloutState {
  if (state.isPaused) return { ...state, isPaused: false, sinceMs: nowMs }
  return state.hold === null ? state : change(state, nowMs, { hold: null, step: state.step + 1 })
}

function apply(state: RolloutState, event: RolloutEvent, nowMs: number): RolloutState {
  switch (event.kind) {
    case 'start':
      return start(state, event.release, event.plan, nowMs)
    case 'observed':
      return tick(observe(state, event, nowMs), nowMs)
    case 'tick':
      return tick(state, nowMs)
    case 'pause':
      return isRolloutOver(state) || !hasCandidate(state) || state.phase === 'aborting'
        ? state
        : { ...state, isPaused: true }
    case 'resume':
      return isRolloutOver(state) ? state : resume(state, nowMs)
    case 'abort':
      return canAbort(state) ? abort(state, 'cancelled', nowMs) : state
  }
}

/**
 * The rollout of an app's releases as a pure state machine: `(state, event, now) → state`. Rendering takes
 * its tracks from `tracksOf`; observations feed it what runs. It moves forward only on an observation of the latest `revision`, so events
 * may be late, repeated or lost: the next one makes up for them.
 *
 * An event that does not fit the state changes nothing.
 */
export function nextRollout(state: RolloutState, event: RolloutEvent, nowMs: number): RolloutState {
  const after = apply(state, event, nowMs)
  return after.next !== null && isRolloutOver(after) ? start(after, after.next.release, after.next.plan, nowMs) : after
}
