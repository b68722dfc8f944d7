import { describe, expect, it } from 'vitest'
import { dice } from '../test/dice.ts'
import { TrackCluster } from '../test/track-cluster.ts'
import { nextRollout } from './rollout.ts'
import { ROLLING, type RolloutPlan, type RolloutStep } from './rollout-plan.ts'
import {
  isRolloutOver,
  type RolloutEvent,
  type RolloutState,
  startRollout,
  statusIn,
  tracksOf,
} from './rollout-state.ts'

const SEEDS = 600
const EVENTS = 200
/** Enough for every step of a plan, its pauses and deadlines. */
const ROUNDS = 80

/** How often each phase was seen: a property of what never happens shows nothing. */
const phases = new Map<RolloutState['phase'], number>()

type Roll = ReturnType<typeof dice>

function anyPlan(roll: Roll): RolloutPlan {
  const deadlineMs = roll(3) === 0 ? null : 20_000 + roll(60_000)
  const byInstances = roll(2) === 0
  const pauseMs = () => (roll(4) === 0 ? null : roll(3) * 5_000)
  switch (roll(4)) {
    case 0:
      return { ...ROLLING, deadlineMs }
    case 1:
      return { strategy: 'recreate', steps: [], byInstances, deadlineMs }
    case 2:
      return { strategy: 'blue_green', steps: [{ weight: 0, share: 100, pauseMs: pauseMs() }], byInstances, deadlineMs }
    default: {
      const weights = Array.from({ length: 1 + roll(3) }, () => (roll(6) === 0 ? 100 : 1 + roll(99))).sort(
        (a, b) => a - b,
      )
      const steps = weights.map((weight): RolloutStep => ({ weight, share: weight, pauseMs: pauseMs() }))
      return { strategy: 'canary', steps, byInstances, deadlineMs }
    }
  }
}

/** An app whose rollouts meet everything that can happen, in any order; observations come late, twice, in another order or never. */
class Story {
  readonly #seed: number
  readonly #roll: Roll
  readonly cluster: TrackCluster
  state: RolloutState
  nowMs = 0
  #releases = 1
  #late: RolloutEvent[] = []
  /** A rollout that ends the old instances first may leave none. */
  #mayBeDown = false
  /** Something was ready behind every share of the requests once. */
  #wasUp = false

  constructor(seed: number) {
    this.#seed = seed
    this.#roll = dice(seed)
    this.cluster = new TrackCluster(1 + this.#roll(6))
    this.state = startRollout(1, anyPlan(this.#roll), null, 0)
  }

  send(event: RolloutEvent): void {
    const before = this.state
    this.state = nextRollout(before, event, this.nowMs)
    this.#check(before)
  }

  /** None of an app of which nothing is to run. */
  observations(): RolloutEvent[] {
    const stable = this.cluster.facts('stable')
    const candidate = this.cluster.facts('candidate')
    return stable === null ? [] : [{ kind: 'observed', revision: this.cluster.revision, stable, candidate }]
  }

  happen(): void {
    const roll = this.#roll
    this.nowMs += roll(4_000)
    // What seldom is, is disturbed the more often while it is.
    if (this.state.phase === 'promoting' && roll(20) === 0) this.send({ kind: 'abort' })
    const dice = roll(40)
    if (dice === 0) this.#startNext()
    else if (dice === 1) this.send({ kind: (['pause', 'resume', 'abort'] as const)[roll(3)] ?? 'tick' })
    else if (dice < 6) this.send({ kind: 'tick' })
    else if (dice < 16) this.apply()
    else if (dice < 26) this.work()
    else if (dice < 30) this.#late.push(...this.observations())
    else {
      const [late] = this.#late.splice(roll(this.#late.length), roll(2))
      for (const seen of late === undefined ? this.observations() : [late]) this.send(seen)
    }
  }

  #startNext(): void {
    this.#releases++
    if (this.#roll(4) === 0) this.cluster.broken.add(this.#releases)
    this.send({ kind: 'start', release: this.#releases, plan: anyPlan(this.#roll) })
  }

  work(): void {
    this.cluster.work()
    this.#checkServing()
  }

  apply(): void {
    this.cluster.apply(this.state)
    if (isRolloutOver(this.state) || this.state.plan.strategy !== 'recreate') {
      // What a rollout of that kind took away has to come back first.
      if (this.#mayBeDown) this.#wasUp = false
      this.#mayBeDown = false
    } else this.#mayBeDown = true
    this.#checkServing()
  }

  /** No more events; every pause is resumed. What was live can run. */
  settle(): void {
    if (this.state.live !== null) this.cluster.broken.delete(this.state.live)
    for (let round = 0; round < ROUNDS; round++) {
      this.nowMs += 10_000
      this.apply()
      this.work()
      for (const seen of this.observations()) this.send(seen)
      this.send({ kind: 'resume' })
      if (this.state.live !== null) this.cluster.broken.delete(this.state.live)
    }
    this.apply()
  }

  #check(before: RolloutState): void {
    const { state } = this
    phases.set(state.phase, (phases.get(state.phase) ?? 0) + 1)
    const tracks = tracksOf(state)
    // What is asked for never changes under one revision: an observation of it means what it says.
    if (state.revision === before.revision) expect(tracks).toEqual(tracksOf(before))
    const weights = tracks.reduce((sum, { weight }) => sum + weight, 0)
    const live = (of: RolloutState) => [...this.#all()].filter((each) => statusIn(of, each) === 'live').length
    this.#must(state.revision >= before.revision, 'revisions only rise')
    this.#must(tracks.length <= 2 && (tracks.length === 0 || weights === 100), 'two tracks share all requests')
    this.#must(live(state) <= 1, 'one release is live')
    const runs = state.phase === 'live' ? state.target : state.phase === 'aborted' ? state.live : null
    const isThere = runs === null || state.phase === before.phase || this.cluster.stable(runs) === this.cluster.wanted
    this.#must(isThere, 'a rollout is over once all is there')
    this.#must(live(before) === 0 || live(state) === 1, 'a live release stays so until another one is')
  }

  #checkServing(): void {
    const ready = this.cluster.behindRequests()
    const isUp = ready.length > 0 && ready.every((each) => each > 0)
    const mustBeUp = this.#wasUp && !this.#mayBeDown && this.state.live !== null
    this.#must(isUp || !mustBeUp, `behind the requests stand ${ready.join(' and ')} ready instances`)
    this.#wasUp ||= isUp
  }

  *#all(): Generator<number> {
    for (let release = 1; release <= this.#releases; release++) yield release
  }

  #must(holds: boolean, what: string): void {
    if (!holds) throw new Error(`${what}; seed ${this.#seed}: ${JSON.stringify([this.state, this.cluster.asked])}`)
  }
}

describe('a rollout that meets anything in any order', () => {
  it('never has two live releases, never leaves requests without a ready instance, and converges', () => {
    for (let seed = 0; seed < SEEDS; seed++) {
      const story = new Story(seed)
      for (let event = 0; event < EVENTS; event++) story.happen()
      story.settle()
      const { state, cluster } = story
      expect(isRolloutOver(state), `seed ${seed}: ${JSON.stringify(state)}`).toBe(true)
      expect(tracksOf(state).length, `seed ${seed}`).toBeLessThanOrEqual(1)
      const runs = state.phase === 'live' ? state.target : state.phase === 'aborted' ? state.live : null
      if (runs !== null) expect(cluster.stable(runs), `seed ${seed}`).toBe(cluster.wanted)
      story.settle()
      expect(story.state, `seed ${seed} stays`).toEqual(state)
    }
    const all = [
      'pending',
      'stopping',
      'starting',
      'shifting',
      'promoting',
      'aborting',
      'live',
      'failed',
      'aborted',
    ] as const
    for (const phase of all) expect(phases.get(phase), phase).toBeGreaterThan(50)
  })
})
