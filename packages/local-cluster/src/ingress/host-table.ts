import { byPrecedence, type RequestFacts, type Rule, takes } from './rules.ts'

/**
 * Rules by host, those that go before others first. An object's change costs what its own hosts hold: rules of other hosts are not
 * looked at.
 */
export class HostTable {
  readonly #hosts = new Map<string, Rule[]>()
  /** Hosts that an object has rules for. */
  readonly #sources = new Map<string, Set<string>>()

  /** Puts these in the place of the rules that came from the object before. */
  set(source: string, rules: readonly [string, Rule][]): void {
    for (const host of this.#sources.get(source) ?? []) {
      const kept = (this.#hosts.get(host) ?? []).filter((rule) => rule.source !== source)
      if (kept.length === 0) this.#hosts.delete(host)
      else this.#hosts.set(host, kept)
    }
    this.#sources.delete(source)
    if (rules.length === 0) return
    this.#sources.set(source, new Set(rules.map(([host]) => host)))
    const byHost = Map.groupBy(rules, ([host]) => host)
    for (const [host, added] of byHost) {
      const list = [...(this.#hosts.get(host) ?? []), ...added.map(([, rule]) => rule)]
      this.#hosts.set(host, list.sort(byPrecedence))
    }
  }

  /** The rule that takes the request; null where none does. */
  find(host: string, request: RequestFacts): Rule | null {
    for (const { name, deep } of candidates(host)) {
      const rule = this.#hosts.get(name)?.find((each) => (each.deep || !deep) && takes(each, request))
      if (rule !== undefined) return rule
    }
    return null
  }
}

/** The host itself, then wildcards from the narrowest, then every host. `deep`: the wildcard stands for several labels. */
function* candidates(host: string): Generator<{ name: string; deep: boolean }> {
  yield { name: host, deep: false }
  let deep = false
  for (let dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) {
    yield { name: `*${host.slice(dot)}`, deep }
    deep = true
  }
  yield { name: '', deep: false }
}
