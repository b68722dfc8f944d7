import type { Json, KubernetesObject } from '../../types/objects.ts'
import type { Names } from './names.ts'
import { isObject, type Recording } from './recording.ts'
import { standing } from './story.ts'

/** What of ours stands for what the recording names: uids, versions, and names that were made at random. */
export class Pairs {
  readonly #byText = new Map<string, string>()
  readonly #recorded: KubernetesObject[]
  readonly #names: { recorded: Names; ours: Names }

  constructor(recording: Recording, names: { recorded: Names; ours: Names }) {
    this.#recorded = Object.values(recording.watch).flatMap((events) => events.map(({ object }) => object))
    this.#names = names
  }

  /** Two answers to the same request are about the same object. */
  answered(recorded: Json | undefined, ours: Json | undefined): void {
    if (!isObject(recorded) || !isObject(ours)) return
    for (const key of ['uid', 'resourceVersion'] as const) {
      const [from, to] = [recorded.metadata[key], ours.metadata[key]]
      if (from !== undefined && to !== undefined) this.#byText.set(from, to)
    }
  }

  /** The request's text in terms of our objects. */
  translate(text: string, current: readonly KubernetesObject[]): string {
    let out = text
    for (const object of this.#recorded) {
      const { name, uid } = object.metadata
      if (out.includes(name) && !current.some(({ metadata }) => metadata.name === name)) this.#pair(object, current)
      else if (uid !== undefined && out.includes(uid)) this.#pair(object, current)
    }
    for (const [from, to] of this.#byText) out = out.replaceAll(new RegExp(`(?<![\\w-])${from}(?![\\w-])`, 'g'), to)
    return out
  }

  /** Takes one of ours that has the same plain name, the one that stands where the recorded one stood if there is one. */
  #pair(recorded: KubernetesObject, current: readonly KubernetesObject[]): void {
    const { name, uid } = recorded.metadata
    if (this.#byText.has(name) || (uid !== undefined && this.#byText.has(uid))) return
    const taken = new Set(this.#byText.values())
    const plain = this.#names.recorded.plain(name)
    const alike = current.filter(
      ({ kind, metadata }) =>
        kind === recorded.kind && !taken.has(metadata.uid ?? '') && this.#names.ours.plain(metadata.name) === plain,
    )
    const last = this.#recorded.findLast((object) => object.metadata.uid === uid) ?? recorded
    const stands = standing(last, this.#names.recorded)
    const ours = alike.find((object) => standing(object, this.#names.ours) === stands) ?? alike[0]
    if (ours === undefined) return
    if (ours.metadata.name !== name) this.#byText.set(name, ours.metadata.name)
    if (uid !== undefined) this.#byText.set(uid, ours.metadata.uid ?? '')
  }
}
