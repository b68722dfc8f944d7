import { describe, expect, it } from 'vitest'
import { nextRollout } from './rollout.ts'
import { ROLLING, type RolloutPlan } from './rollout-plan.ts'
import {
  type RolloutEvent,
  type RolloutState,
  startRollout,
  statusIn,
  type TrackFacts,
  tracksOf,
} from './rollout-state.ts'

const CANARY: RolloutPlan = {
  ...{ strategy: 'canary', byInstances: false, deadlineMs: 60_000 },
  steps: [
    { weight: 10, share: 10, pauseMs: 5_000 },
    { weight: 50, share: 50, pauseMs: null },
  ],
}
const BLUE_GREEN: RolloutPlan = {
  ...{ strategy: 'blue_green', byInstances: false, deadlineMs: null },
  steps: [{ weight: 0, share: 100, pauseMs: null }],
}
const RECREATE: RolloutPlan = { ...ROLLING, strategy: 'recreate' }

const facts = (release: number, more: Partial<TrackFacts> = {}): TrackFacts => ({
  ...{ release, running: 3, ready: 3, isDone: true, isFailing: false },
  ...more,
})
const STARTING = { ready: 0, isDone: false }
const FAILING = { ...STARTING, isFailing: true }

/** Feeds a rollout what is observed of what it asks for now. */
function drive(state: RolloutState) {
  let nowMs = 0
  const self = {
    get state() {
      return state
    },
    send(event: RolloutEvent, afterMs = 0) {
      nowMs += afterMs
      state = nextRollout(state, event, nowMs)
      return self
    },
    see: (stable: TrackFacts, candidate: TrackFacts | null = null, afterMs = 0) =>
      self.send({ kind: 'observed', revision: state.revision, stable, candidate }, afterMs),
    shares: () => tracksOf(state).map(({ track, release, weight, share }) => `${track} v${release} ${weight}/${share}`),
    status: () => [1, 2, 3].map((release) => statusIn(state, release)),
  }
  return self
}
const from = (plan: RolloutPlan, live: number | null = 1) => drive(startRollout(live === null ? 1 : 2, plan, live, 0))
const promoting = () =>
  from(CANARY)
    .see(facts(1), facts(2))
    .see(facts(1), facts(2))
    .send({ kind: 'tick' }, 5_000)
    .see(facts(1), facts(2))
    .send({ kind: 'resume' })
    .see(facts(1), facts(2))

describe('a rolling update', () => {
  it('is one track from its start, live once all of it is there, and stays so', () => {
    const rollout = from(ROLLING)
    expect([rollout.shares(), rollout.status()]).toEqual([['stable v2 100/100'], ['live', 'pending', null]])
    expect(rollout.see(facts(1)).status()).toEqual(['live', 'pending', null])
    expect(rollout.see(facts(2, STARTING)).status()).toEqual(['live', 'rolling_out', null])
    expect(rollout.see(facts(2)).status()).toEqual(['superseded', 'live', null])
    expect(rollout.see(facts(2, FAILING)).status()).toEqual(['superseded', 'live', null])
  })

  it('fails as soon as the cluster says so, and recovers when it does', () => {
    const rollout = from(ROLLING).see(facts(2, FAILING))
    expect([rollout.shares(), rollout.status()]).toEqual([['stable v2 100/100'], ['live', 'failed', null]])
    expect(rollout.see(facts(2, STARTING)).status()).toEqual(['live', 'rolling_out', null])
    expect(rollout.see(facts(2)).status()).toEqual(['superseded', 'live', null])
  })

  it('goes back when it is aborted, to nothing where nothing was', () => {
    const rollout = from(ROLLING).see(facts(2, STARTING)).send({ kind: 'abort' })
    expect([rollout.shares(), rollout.status()]).toEqual([['stable v1 100/100'], ['live', 'cancelled', null]])
    expect(rollout.see(facts(1, STARTING)).state.phase).toBe('aborting')
    expect(rollout.see(facts(1)).state.phase).toBe('aborted')
    expect(from(ROLLING, null).send({ kind: 'abort' }).shares()).toEqual([])
  })

  it('passes over what was observed of something else, and what does not fit', () => {
    const rollout = from(ROLLING)
    const before = rollout.state
    rollout.send({ kind: 'observed', revision: before.revision - 1, stable: facts(2), candidate: null })
    rollout.send({ kind: 'pause' }).send({ kind: 'resume' }).send({ kind: 'tick' }, 1e9)
    expect(rollout.state).toEqual(before)
  })
})

describe('a rollout that recreates', () => {
  it('ends the old instances before it starts new ones', () => {
    const rollout = from(RECREATE)
    expect(rollout.shares()).toEqual(['stable v1 100/100'])
    expect(rollout.see(facts(1)).shares()).toEqual(['stable v1 100/0'])
    expect(rollout.see(facts(1, { running: 1 })).shares()).toEqual(['stable v1 100/0'])
    expect(rollout.see(facts(1, { running: 0, ready: 0 })).shares()).toEqual(['stable v2 100/100'])
    expect(rollout.see(facts(2)).status()).toEqual(['superseded', 'live', null])
  })
})

describe('a canary', () => {
  it('gets requests once it is ready, more in steps, and takes the stable track over', () => {
    const rollout = from(CANARY)
    const seen = [rollout.shares()]
    const note = () => seen.push(rollout.shares())
    rollout.see(facts(1))
    note()
    rollout.see(facts(1), facts(2, STARTING)).see(facts(1), facts(2))
    note()
    rollout.send({ kind: 'tick' }, 4_999).send({ kind: 'tick' }, 1)
    note()
    rollout.see(facts(1), facts(2)).send({ kind: 'tick' }, 1e9)
    note()
    rollout.send({ kind: 'resume' }).see(facts(1), facts(2))
    note()
    rollout.see(facts(2), facts(2))
    note()
    expect(seen).toEqual([
      ['stable v1 100/100'],
      ['stable v1 100/100', 'candidate v2 0/10'],
      ['stable v1 90/100', 'candidate v2 10/10'],
      ['stable v1 90/100', 'candidate v2 10/50'],
      ['stable v1 50/100', 'candidate v2 50/50'],
      ['stable v2 0/100', 'candidate v2 100/100'],
      ['stable v2 100/100'],
    ])
    expect(rollout.status()).toEqual(['superseded', 'live', null])
  })

  it('takes instances from the stable track where the route has no weights', () => {
    const rollout = from({ ...CANARY, byInstances: true })
      .see(facts(1))
      .see(facts(1), facts(2))
    expect(rollout.shares()).toEqual(['stable v1 90/90', 'candidate v2 10/10'])
  })

  it.each([
    ['fails', { kind: 'tick' } as const, FAILING],
    ['is too slow', { kind: 'tick' } as const, STARTING],
    ['is given up', { kind: 'abort' } as const, STARTING],
  ])('leaves all requests to the stable track when it %s', (what, event, candidate) => {
    const rollout = from(CANARY).see(facts(1)).see(facts(1), facts(2, candidate)).send(event, 60_001)
    expect(rollout.shares()).toEqual(['stable v1 100/100', 'candidate v2 0/10'])
    expect(rollout.status()).toEqual(['live', what === 'is given up' ? 'cancelled' : 'failed', null])
    expect(rollout.see(facts(1), facts(2)).shares()).toEqual(['stable v1 100/100'])
  })

  it('goes on serving when it is given up while the stable track is replaced, until that is back', () => {
    const rollout = promoting().send({ kind: 'abort' })
    expect(rollout.shares()).toEqual(['stable v1 0/100', 'candidate v2 100/100'])
    expect(rollout.see(facts(1, STARTING), facts(2)).shares()).toEqual(['stable v1 0/100', 'candidate v2 100/100'])
    expect(rollout.see(facts(1), facts(2)).shares()).toEqual(['stable v1 100/100'])
  })

  it('takes no further step while it is paused, however long', () => {
    const rollout = from(CANARY)
      .see(facts(1))
      .send({ kind: 'pause' })
      .see(facts(1), facts(2))
      .send({ kind: 'tick' }, 1e9)
    expect(rollout.shares()).toEqual(['stable v1 100/100', 'candidate v2 0/10'])
    expect(rollout.send({ kind: 'resume' }).see(facts(1), facts(2)).shares()).toEqual([
      ...['stable v1 90/100', 'candidate v2 10/10'],
    ])
  })

  it('waits with a newer release while the stable track is replaced, and starts from there', () => {
    const rollout = promoting().send({ kind: 'start', release: 3, plan: ROLLING })
    expect(rollout.shares()).toEqual(['stable v2 0/100', 'candidate v2 100/100'])
    rollout.see(facts(2), facts(2))
    expect([rollout.shares(), rollout.status()]).toEqual([['stable v3 100/100'], [null, 'live', 'pending']])
  })

  it('is tried out only beside a stable track that is whole', () => {
    const rollout = from(ROLLING).see(facts(2, STARTING)).send({ kind: 'start', release: 3, plan: CANARY })
    expect(rollout.shares()).toEqual(['stable v1 100/100'])
    rollout.see(facts(1))
    expect(rollout.see(facts(1)).shares()).toEqual(['stable v1 100/100', 'candidate v3 0/10'])
  })
})

describe('blue and green', () => {
  it('switches once all of it stands and somebody says so', () => {
    const rollout = from(BLUE_GREEN).see(facts(1)).see(facts(1), facts(2))
    expect(rollout.shares()).toEqual(['stable v1 100/100', 'candidate v2 0/100'])
    rollout.send({ kind: 'resume' }).see(facts(1), facts(2))
    expect(rollout.shares()).toEqual(['stable v2 0/100', 'candidate v2 100/100'])
  })

  it('is a rolling update for an app’s first release', () => {
    const rollout = from(BLUE_GREEN, null)
    expect(rollout.shares()).toEqual(['stable v1 100/100'])
    expect(rollout.see(facts(1)).status()[0]).toBe('live')
  })
})
