import { setTimeout as sleep } from 'node:timers/promises'
import type { KubernetesObject } from '../../types/objects.ts'
import type { Watched } from './client.ts'
import { Courses } from './courses.ts'
import { isEvent, talesOf } from './events.ts'
import type { Moment } from './moments.ts'
import type { Names } from './names.ts'
import type { Recording, WatchedEvent } from './recording.ts'
import { standing } from './story.ts'

/** How much longer than the recorded cluster ours may take to come to where the recording goes on. */
const patience = { factor: 2, plusMs: 25_000 }
/** Of a recorded pause before a request this much is waited as well; shorter ones are how long a request takes. */
const pause = { leastMs: 300, mostMs: 2_000 }
/** How long the end is looked at before it counts: what comes too much comes soon. */
const endMs = 1_000

type NamesOfBoth = { recorded: Names; ours: Names }

/** What can be seen of the cluster during a play, and whether it has come as far as the recorded one. */
export class Stage {
  readonly events = new Map<string, Watched[]>()
  readonly #current = new Map<string, Map<string, KubernetesObject>>()
  readonly #courses: Courses
  readonly #recording: Recording
  readonly #names: NamesOfBoth
  readonly #waiting = new Set<() => void>()
  #reachedMs = 0
  #atEnd = new Map<string, KubernetesObject[]>()

  constructor(recording: Recording, names: NamesOfBoth) {
    this.#recording = recording
    this.#names = names
    this.#courses = new Courses(names.ours)
    for (const resource of Object.keys(recording.watch)) {
      this.events.set(resource, [])
      this.#current.set(resource, new Map())
    }
  }

  see(resource: string, event: Watched): void {
    this.#names.ours.learn(event.object)
    this.events.get(resource)?.push(event)
    this.#courses.see(event)
    const key = event.object.metadata.uid ?? event.object.metadata.name
    if (event.type === 'DELETED') this.#current.get(resource)?.delete(key)
    else this.#current.get(resource)?.set(key, event.object)
    for (const look of this.#waiting) look()
  }

  current(resource?: string): KubernetesObject[] {
    const maps = resource === undefined ? [...this.#current.values()] : [this.#current.get(resource)]
    return maps.flatMap((objects) => [...(objects?.values() ?? [])])
  }

  /** Waits until our objects have come as far as the recorded ones had at this moment. Says what was missing when they never did. */
  async reach({ past, pauseMs }: Moment): Promise<string | null> {
    const seen = [...past.values()].flat()
    const wanted = new Courses(this.#names.recorded, seen)
    const said = talesOf(standingObjects(past), this.#names.recorded)
    const came = await this.#until(lastMs(seen), () => this.#courses.reached(wanted) && this.#isSaid(said))
    if (!came) return this.#courses.whyNot(wanted)
    if (pauseMs >= pause.leastMs) await sleep(Math.min(pause.mostMs, pauseMs))
    return null
  }

  /** What stood when our objects came to the end, and a moment later: much goes on after a recording ended. */
  ends(resource: string): KubernetesObject[][] {
    return [this.#atEnd.get(resource) ?? [], this.current(resource)]
  }

  /** Waits until our objects stand as the recorded ones did at the end. */
  async reachEnd(): Promise<boolean> {
    const { watch, final } = this.#recording
    const objects = Object.entries(watch).flatMap(
      ([resource, events]) => final[resource] ?? standingObjects(new Map([[resource, events]])),
    )
    const wanted = statesOf(objects, this.#names.recorded)
    const said = talesOf(objects, this.#names.recorded)
    const stands = () => statesOf(this.current(), this.#names.ours) === wanted && this.#isSaid(said)
    const events = Object.values(watch).flat()
    const came = await this.#until(lastMs(events), stands)
    this.#atEnd = new Map([...this.#current].map(([resource, objects]) => [resource, [...objects.values()]]))
    // A recording that ends with an answer may end in the middle of what that led to.
    if (lastMs(events) > lastMs(this.#recording.exchanges)) await sleep(endMs)
    return came
  }

  #isSaid(wanted: Map<string, string[][]>): boolean {
    const ours = talesOf(this.current('events'), this.#names.ours)
    return [...wanted].every(([group, tales]) => {
      const said = new Set(ours.get(group)?.flat())
      return tales.flat().every((line) => said.has(line))
    })
  }

  /** Looks after each change that is seen. */
  async #until(recordedMs: number, holds: () => boolean): Promise<boolean> {
    const withinMs = Math.max(0, recordedMs - this.#reachedMs) * patience.factor + patience.plusMs
    this.#reachedMs = Math.max(this.#reachedMs, recordedMs)
    if (holds()) return true
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const look = () => {
      if (holds()) resolve(true)
    }
    this.#waiting.add(look)
    const timer = setTimeout(() => resolve(false), withinMs)
    try {
      return await promise
    } finally {
      clearTimeout(timer)
      this.#waiting.delete(look)
    }
  }
}

function lastMs(events: readonly { atMs?: number | undefined }[]): number {
  return Math.max(0, ...events.map(({ atMs = 0 }) => atMs))
}

/** What stands after these events. */
function standingObjects(past: Map<string, WatchedEvent[]>): KubernetesObject[] {
  return [...past.values()].flatMap((events) => {
    const objects = new Map<string, KubernetesObject>()
    for (const { type, object } of events) {
      const key = object.metadata.uid ?? object.metadata.name
      if (type === 'DELETED') objects.delete(key)
      else objects.set(key, object)
    }
    return [...objects.values()]
  })
}

function statesOf(objects: readonly KubernetesObject[], names: Names): string {
  return objects
    .filter((object) => !isEvent(object))
    .map((object) => standing(object, names))
    .sort()
    .join('\n')
}
