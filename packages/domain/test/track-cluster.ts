import { type RolloutState, type RolloutTrack, type TrackFacts, tracksOf } from '../src/rollout-state.ts'
import type { TrackName } from '../src/tracks.ts'

/** Instances of an app on one track, by release: what a cluster makes of what it is asked for, one instance at a time. */
type Ready = Map<number, number>

/**
 * A cluster that runs tracks as Deployments do: new instances first, old ones end as new ones are ready (maxUnavailable 0), instances of
 * a broken release never become ready. It knows what it was asked for last, not what the rollout wants by now.
 */
export class TrackCluster {
  readonly wanted: number
  readonly broken = new Set<number>()
  asked: RolloutTrack[] = []
  revision = 0
  readonly #ready: Record<TrackName, Ready> = { stable: new Map(), candidate: new Map() }

  constructor(wanted: number) {
    this.wanted = wanted
  }

  /** Applies what the rollout asks for. */
  apply(state: RolloutState): void {
    this.asked = tracksOf(state)
    this.revision = state.revision
    for (const name of ['stable', 'candidate'] as const) {
      const track = this.#track(name)
      if (track === undefined) this.#ready[name].clear()
      else this.#fit(track)
    }
  }

  /** Each track gets one instance more, where its release can run. */
  work(): void {
    for (const track of this.asked) {
      const ready = this.#ready[track.track]
      const now = ready.get(track.release) ?? 0
      if (now < this.#size(track) && !this.broken.has(track.release)) ready.set(track.release, now + 1)
      this.#fit(track)
    }
  }

  facts(name: TrackName): TrackFacts | null {
    const track = this.#track(name)
    if (track === undefined) return null
    const ready = this.#ready[name]
    const own = ready.get(track.release) ?? 0
    const running = this.#sum(ready)
    return {
      release: track.release,
      running,
      ready: own,
      isDone: own === this.#size(track) && running === own,
      isFailing: this.broken.has(track.release),
    }
  }

  /** Ready instances behind each share of the requests: beside a candidate the stable track serves with its own release alone. */
  behindRequests(): number[] {
    return this.asked
      .filter(({ weight }) => weight > 0)
      .map(({ track, release }) => {
        const ready = this.#ready[track]
        return this.asked.length > 1 && track === 'stable' ? (ready.get(release) ?? 0) : this.#sum(ready)
      })
  }

  /** Ready instances of one release on the stable track. */
  stable(release: number): number {
    return this.#ready.stable.get(release) ?? 0
  }

  #track = (name: TrackName) => this.asked.find(({ track }) => track === name)
  #sum = (ready: Ready) => [...ready.values()].reduce((sum, each) => sum + each, 0)
  #size = ({ share }: RolloutTrack) => (share === 0 ? 0 : Math.max(1, Math.round((this.wanted * share) / 100)))

  /** Ends what is too many: of the release itself beyond its size, of others as far as it has taken their place. */
  #fit(track: RolloutTrack): void {
    const ready = this.#ready[track.track]
    const own = Math.min(ready.get(track.release) ?? 0, this.#size(track))
    let left = this.#size(track) - own
    for (const [release, count] of ready) {
      const kept = release === track.release ? own : Math.min(count, left)
      if (release !== track.release) left -= kept
      if (kept === 0) ready.delete(release)
      else ready.set(release, kept)
    }
  }
}
