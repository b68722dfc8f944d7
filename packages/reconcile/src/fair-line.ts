/**
 * Keys that wait, each with the time it came in. Groups take turns, first in, first out within each: however many keys one group has
 * waiting, another group's next key is behind at most one of them.
 */
export class FairLine {
  /** Insertion order is whose turn it is. */
  readonly #groups = new Map<string, Map<string, number>>()
  /** Group of each key, as it was when the key came in. */
  readonly #groupOf = new Map<string, string>()

  get size(): number {
    return this.#groupOf.size
  }

  has(key: string): boolean {
    return this.#groupOf.has(key)
  }

  add(key: string, group: string, at: number): void {
    const keys = this.#groups.get(group)
    if (keys === undefined) this.#groups.set(group, new Map([[key, at]]))
    else keys.set(key, at)
    this.#groupOf.set(key, group)
  }

  /** Takes the next key out. */
  shift(): { key: string; at: number } | null {
    const next = this.#groups.entries().next()
    if (next.done) return null
    const [group, keys] = next.value
    const first = keys.entries().next()
    this.#groups.delete(group)
    if (first.done) return null
    const [key, at] = first.value
    keys.delete(key)
    this.#groupOf.delete(key)
    if (keys.size > 0) this.#groups.set(group, keys)
    return { key, at }
  }
}
