import type { Pod, PodAffinityTerm } from '../types/pod.ts'
import { isFinished } from '../types/pod-conditions.ts'
import { selects } from '../types/selectors.ts'
import type { Misfit, Node } from './node-fit.ts'

interface Placed {
  node: string
  namespace: string
  labels: Record<string, string>
  /** What it does not want beside it. */
  refuses: readonly PodAffinityTerm[]
}

const required = 'requiredDuringSchedulingIgnoredDuringExecution'
const namespaceOf = (pod: Pod) => pod.metadata.namespace ?? ''
const labelsOf = (pod: Pod) => pod.metadata.labels ?? {}

/** The pods that have a node, as far as rules between pods go. */
export class PlacedPods {
  readonly #placed = new Map<string, Placed>()
  /** Those that refuse others: few, so that most pods are placed without a look at all others. */
  readonly #refusing = new Map<string, Placed>()

  note(pod: Pod, gone = false): void {
    const { uid = '' } = pod.metadata
    const node = pod.spec.nodeName ?? ''
    this.#refusing.delete(uid)
    if (gone || node === '' || isFinished(pod)) {
      this.#placed.delete(uid)
      return
    }
    const refuses = pod.spec.affinity?.podAntiAffinity?.[required] ?? []
    const placed = { node, namespace: namespaceOf(pod), labels: labelsOf(pod), refuses }
    this.#placed.set(uid, placed)
    if (refuses.length > 0) this.#refusing.set(uid, placed)
  }

  /**
   * Null when the rules between pods let the pod onto the node. Reference: the PodTopologySpread and InterPodAffinity plugins of
   * kube-scheduler, in this order.
   */
  whyNot(pod: Pod, node: Node, nodes: readonly Node[]): Misfit | null {
    const domains = new Domains(nodes)
    const spread = this.#spreads(pod, node, domains)
    if (spread !== null) return spread
    const { podAffinity, podAntiAffinity } = pod.spec.affinity ?? {}
    const wanted = podAffinity?.[required] ?? []
    if (!wanted.every((term) => this.#hasCompany(pod, term, node, domains))) {
      return { reason: "node(s) didn't match pod affinity rules", final: true }
    }
    const unwanted = podAntiAffinity?.[required] ?? []
    if (unwanted.some((term) => this.#beside(term, namespaceOf(pod), node, domains))) {
      return { reason: "node(s) didn't match pod anti-affinity rules", final: false }
    }
    if (this.#isRefused(pod, node, domains)) {
      return { reason: "node(s) didn't satisfy existing pods anti-affinity rules", final: false }
    }
    return null
  }

  #beside(term: PodAffinityTerm, namespace: string, node: Node, domains: Domains): boolean {
    const domain = domains.of(node.metadata.name, term.topologyKey)
    if (domain === undefined) return false
    return [...this.#placed.values()].some(
      (other) => takes(term, namespace, other) && domains.of(other.node, term.topologyKey) === domain,
    )
  }

  /** The first pod of a group has nobody to be with yet, and may go anywhere. */
  #hasCompany(pod: Pod, term: PodAffinityTerm, node: Node, domains: Domains): boolean {
    const namespace = namespaceOf(pod)
    if (domains.of(node.metadata.name, term.topologyKey) === undefined) return false
    if (this.#beside(term, namespace, node, domains)) return true
    const self = { namespace, labels: labelsOf(pod) }
    return takes(term, namespace, self) && ![...this.#placed.values()].some((other) => takes(term, namespace, other))
  }

  #isRefused(pod: Pod, node: Node, domains: Domains): boolean {
    const self = { namespace: namespaceOf(pod), labels: labelsOf(pod) }
    return [...this.#refusing.values()].some((other) =>
      other.refuses.some((term) => {
        const domain = domains.of(node.metadata.name, term.topologyKey)
        const same = domain !== undefined && domains.of(other.node, term.topologyKey) === domain
        return same && takes(term, other.namespace, self)
      }),
    )
  }

  #spreads(pod: Pod, node: Node, domains: Domains): Misfit | null {
    const rules = pod.spec.topologySpreadConstraints ?? []
    for (const { topologyKey, maxSkew, whenUnsatisfiable, labelSelector } of rules) {
      if (whenUnsatisfiable !== 'DoNotSchedule') continue
      const reason = "node(s) didn't match pod topology spread constraints"
      const domain = domains.of(node.metadata.name, topologyKey)
      if (domain === undefined) return { reason: `${reason} (missing required label)`, final: true }
      const counts = new Map(domains.all(topologyKey).map((each) => [each, 0]))
      for (const other of this.#placed.values()) {
        const there = domains.of(other.node, topologyKey)
        if (there === undefined || other.namespace !== namespaceOf(pod) || !selects(labelSelector, other.labels))
          continue
        counts.set(there, (counts.get(there) ?? 0) + 1)
      }
      const own = selects(labelSelector, labelsOf(pod)) ? 1 : 0
      const skew = (counts.get(domain) ?? 0) + own - Math.min(...counts.values())
      if (skew > maxSkew) return { reason, final: false }
    }
    return null
  }
}

function takes(term: PodAffinityTerm, namespace: string, other: { namespace: string; labels: Record<string, string> }) {
  const namespaces = term.namespaces?.length ? term.namespaces : [namespace]
  return namespaces.includes(other.namespace) && selects(term.labelSelector, other.labels)
}

/** In which domain of a topology key each node is: the value of its label of that name. */
class Domains {
  readonly #labels: Map<string, Record<string, string>>

  constructor(nodes: readonly Node[]) {
    this.#labels = new Map(nodes.map(({ metadata }) => [metadata.name, metadata.labels ?? {}]))
  }

  of(node: string, key: string): string | undefined {
    return this.#labels.get(node)?.[key]
  }

  all(key: string): string[] {
    return [...this.#labels.values()].map((labels) => labels[key]).filter((value) => value !== undefined)
  }
}
