import { setTimeout as sleep } from 'node:timers/promises'
import type { KubernetesObject } from '../../api/objects.ts'
import type { Watched } from './client.ts'
import { isEvent, talesOf } from './events.ts'
import type { Names } from './names.ts'
import type { Recording } from './recording.ts'
import { standing } from './story.ts'

/** How much longer than the recorded cluster ours may take to come to where the recording goes on. */
const patience = { factor: 2, plusMs: 25_000 }
/** Longest part of a recorded pause, after the last thing that happened, that is waited for as well. */
const mostPauseMs = 2_000
/** The recorded time of a request is that of its answer: what it caused may have been seen before. */
const answerMs = 100
const lookEveryMs = 50

type NamesOfBoth = { recorded: Names; ours: Names }

/** What can be seen of the cluster during a play, and whether it has come as far as the recorded one. */
export class Stage {
  readonly events = new Map<string, Watched[]>()
  readonly #current = new Map<string, Map<string, KubernetesObject>>()
  readonly #recording: Recording
  readonly #names: NamesOfBoth
  #reachedMs = 0

  constructor(recording: Recording, names: NamesOfBoth) {
    this.#recording = recording
    this.#names = names
    for (const resource of Object.keys(recording.watch)) {
      this.events.set(resource, [])
      this.#current.set(resource, new Map())
    }
  }

  see(resource: string, event: Watched): void {
    this.#names.ours.learn(event.object)
    this.events.get(resource)?.push(event)
    const key = event.object.metadata.uid ?? event.object.metadata.name
    if (event.type === 'DELETED') this.#current.get(resource)?.delete(key)
    else this.#current.get(resource)?.set(key, event.object)
  }

  current(resource?: string): KubernetesObject[] {
    const maps = resource === undefined ? [...this.#current.values()] : [this.#current.get(resource)]
    return maps.flatMap((objects) => [...(objects?.values() ?? [])])
  }

  /** Waits until our objects stand where the recorded ones stood at `atMs`; Infinity is the end. False when they never did. */
  async reach(atMs: number): Promise<boolean> {
    const cut = atMs - answerMs
    const past = Object.values(this.#recording.watch).flatMap((events) => events.filter((event) => event.atMs < cut))
    const last = Math.max(0, ...past.map((event) => event.atMs))
    const wanted = this.#wanted(cut)
    const deadline = Date.now() + (last - this.#reachedMs) * patience.factor + patience.plusMs
    this.#reachedMs = last
    while (!this.#stands(wanted)) {
      if (Date.now() > deadline) return false
      await sleep(lookEveryMs)
    }
    const pauseMs = Number.isFinite(atMs) ? Math.max(0, atMs - last) : mostPauseMs / 2
    if (past.length > 0) await sleep(Math.min(mostPauseMs, pauseMs))
    return true
  }

  #wanted(cut: number): KubernetesObject[] {
    const { watch, final } = this.#recording
    return Object.entries(watch).flatMap(([resource, events]) => {
      const end = final[resource]
      if (cut === Number.POSITIVE_INFINITY && end !== undefined) return end
      const objects = new Map<string, KubernetesObject>()
      for (const { atMs, type, object } of events) {
        if (atMs >= cut) break
        const key = object.metadata.uid ?? object.metadata.name
        if (type === 'DELETED') objects.delete(key)
        else objects.set(key, object)
      }
      return [...objects.values()]
    })
  }

  #stands(wanted: KubernetesObject[]): boolean {
    const ours = this.current()
    const state = (objects: KubernetesObject[], names: Names) =>
      objects
        .filter((object) => !isEvent(object))
        .map((object) => standing(object, names))
        .sort()
        .join('\n')
    if (state(wanted, this.#names.recorded) !== state(ours, this.#names.ours)) return false
    return isSaid(talesOf(wanted, this.#names.recorded), talesOf(ours, this.#names.ours))
  }
}

/** Everything in `wanted` is in `got`. */
function isSaid(wanted: Map<string, string[][]>, got: Map<string, string[][]>): boolean {
  return [...wanted].every(([group, tales]) => {
    const said = new Set(got.get(group)?.flat())
    return tales.flat().every((line) => said.has(line))
  })
}
