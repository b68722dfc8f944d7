import { describe, expect, it } from 'vitest'
import { isCancellable, releaseStatusAfter, rolloutOfRelease } from './release-rollout.ts'
import { RELEASE_STATUSES, type ReleaseStatus, ROLLING_OUT_STATUSES, SURGING_STATUSES } from './release-status.ts'
import { type TrackFacts, tracksOf } from './rollout-state.ts'

const facts = (more: Partial<TrackFacts> = {}): TrackFacts => ({
  ...{ release: 2, running: 3, ready: 1, isDone: false, isFailing: false },
  ...more,
})
const after = (status: ReleaseStatus, more: Partial<TrackFacts> = {}) =>
  releaseStatusAfter({ number: 2, status }, facts(more))

describe('the status of a release that is observed', () => {
  it.each<[ReleaseStatus, Partial<TrackFacts>, ReleaseStatus]>([
    ['pending', { release: 1 }, 'pending'],
    ['pending', { release: 1, isFailing: true }, 'pending'],
    ['pending', {}, 'rolling_out'],
    ['pending', { isFailing: true }, 'failed'],
    ['rolling_out', { isDone: true }, 'live'],
    ['rolling_out', { release: null }, 'rolling_out'],
    ['failed', {}, 'rolling_out'],
    ['failed', { isFailing: true }, 'failed'],
    ['failed', { isDone: true }, 'live'],
    ['live', { isFailing: true }, 'live'],
    ['live', {}, 'live'],
    ['cancelled', { isDone: true }, 'cancelled'],
    ['superseded', { isDone: true }, 'superseded'],
  ])('%s, %o → %s', (before, seen, expected) => {
    expect(after(before, seen)).toBe(expected)
  })
})

it('whatever its status, the release that an app points at is what its one track runs', () => {
  for (const status of RELEASE_STATUSES)
    expect(tracksOf(rolloutOfRelease({ number: 2, status }))).toEqual([
      { track: 'stable', release: 2, weight: 100, share: 100 },
    ])
})

it('what can be given up is on its way, or failed before it was live', () => {
  const can = (liveAt: Date | null) => RELEASE_STATUSES.filter((status) => isCancellable({ status, liveAt }))
  expect(can(null)).toEqual(['pending', 'rolling_out', 'failed'])
  expect(can(new Date(0))).toEqual(['pending', 'rolling_out'])
})

it('queries ask for what the predicates say', () => {
  expect(ROLLING_OUT_STATUSES).toEqual(['pending', 'rolling_out'])
  expect(SURGING_STATUSES).toEqual(['pending', 'rolling_out', 'failed'])
})
