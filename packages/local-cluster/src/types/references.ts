/** Who names what: the way back from a thing to those that name it. */
export class References {
  readonly #named = new Map<string, readonly string[]>()
  readonly #namers = new Map<string, Set<string>>()

  /** What `namer` names now; nothing takes it out. */
  set(namer: string, named: readonly (string | null)[]): void {
    for (const each of this.#named.get(namer) ?? []) {
      const namers = this.#namers.get(each)
      namers?.delete(namer)
      if (namers?.size === 0) this.#namers.delete(each)
    }
    const all = [...new Set(named)].filter((each) => each !== null)
    if (all.length === 0) this.#named.delete(namer)
    else this.#named.set(namer, all)
    for (const each of all) {
      const namers = this.#namers.get(each)
      if (namers === undefined) this.#namers.set(each, new Set([namer]))
      else namers.add(namer)
    }
  }

  /** Those that name it. */
  of(named: string): string[] {
    return [...(this.#namers.get(named) ?? [])]
  }

  /** What it names. */
  namedBy(namer: string): readonly string[] {
    return this.#named.get(namer) ?? []
  }
}
