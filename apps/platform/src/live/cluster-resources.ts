import { addResources, NO_RESOURCES, type Resources } from '@slipway/domain'
import { type Cluster, type KubeObject, NodeMetrics, PodMetrics, Pods } from '@slipway/kube'
import { LABELS, MANAGER } from '@slipway/manifests'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import type { ClusterResources } from '../ports/cluster.ts'
import type { ClusterCaches } from './caches.ts'
import { keepFresh } from './fresh.ts'
import { allocatableOf, amountOf, isSchedulable, nodeView, type Quantities } from './nodes.ts'

/** Metrics servers measure every 15 s or so; the local cluster oftener. */
const MEASURED_MS = 5_000
/** Pods of others are listed whole, so not often: what they request hardly changes. */
const FOREIGN_MS = 30_000

const ONE: Resources = { ...NO_RESOURCES, instances: 1 }

interface PodUsage extends KubeObject {
  containers?: { usage?: Quantities }[]
}

/** What a pod requests, as a ResourceQuota counts it; pods that are over count no more. */
function requestsOf({ spec, status }: Pod): Resources {
  if (status?.phase === 'Succeeded' || status?.phase === 'Failed') return NO_RESOURCES
  const containers = spec?.containers ?? []
  const requests = containers.map(({ resources }) => amountOf(resources?.requests as Quantities | undefined, 0))
  return addResources(...requests, ONE)
}

/** What pods request, by the node they are on. Those that wait for a node are under an empty name. */
function requestsByNode(pods: readonly Pod[]): Map<string, Resources> {
  const sums = new Map<string, Resources>()
  for (const pod of pods) {
    const node = pod.spec?.nodeName ?? ''
    sums.set(node, addResources(sums.get(node) ?? NO_RESOURCES, requestsOf(pod)))
  }
  return sums
}

/** Reads what the cluster holds and uses, on demand: nothing is asked of it while nobody looks. */
export function createClusterResources(parts: {
  cluster: Pick<Cluster, 'list'>
  caches: ClusterCaches
  onError: (error: unknown) => void
  now: () => Date
}): ClusterResources {
  const { cluster, caches, onError, now } = parts
  const used = keepFresh(
    async () => {
      const { items } = await cluster.list<PodUsage>(PodMetrics, { labelSelector: `${LABELS.managedBy}=${MANAGER}` })
      const sums = new Map<string, Resources>()
      for (const { metadata, containers = [] } of items) {
        const amounts = containers.map(({ usage }) => amountOf(usage, 0))
        const namespace = metadata.namespace ?? ''
        const before = sums.get(namespace) ?? NO_RESOURCES
        sums.set(namespace, addResources(before, ...amounts, ONE))
      }
      return sums
    },
    { freshMs: MEASURED_MS, onError, now },
  )
  const foreign = keepFresh(
    async () =>
      (await cluster.list<KubeObject & Pod>(Pods, { labelSelector: `${LABELS.managedBy}!=${MANAGER}` })).items,
    { freshMs: FOREIGN_MS, onError, now },
  )
  async function pods(): Promise<readonly Pod[] | null> {
    if (!caches.isSynced() || caches.silentForMs() > 0) return null
    const others = await foreign()
    return others && [...caches.pods(), ...others]
  }
  const usedByNode = keepFresh(
    async () => {
      const { items } = await cluster.list<KubeObject & { usage?: Quantities }>(NodeMetrics)
      return new Map(items.map(({ metadata, usage }) => [metadata.name, amountOf(usage, 0)]))
    },
    { freshMs: MEASURED_MS, onError, now },
  )
  return {
    used,
    async nodes() {
      const [all, measured] = await Promise.all([pods(), usedByNode()])
      if (all === null) return null
      const byNode = requestsByNode(all)
      const nodes = caches.nodes().map((node) => {
        const reserved = byNode.get(node.metadata.name) ?? NO_RESOURCES
        const used = measured?.get(node.metadata.name)
        // Metrics count no pods: those that hold a place on the node are the ones it runs.
        return nodeView(node, reserved, used ? { ...used, instances: reserved.instances } : null)
      })
      nodes.sort((a, b) => a.name.localeCompare(b.name))
      return { nodes, waiting: byNode.get('') ?? NO_RESOURCES }
    },
    async capacity() {
      const all = await pods()
      if (all === null) return null
      const byNode = requestsByNode(all)
      const nodes = caches.nodes().filter(isSchedulable)
      return {
        allocatable: addResources(...nodes.map(allocatableOf)),
        reserved: addResources(...nodes.map(({ metadata }) => byNode.get(metadata.name) ?? NO_RESOURCES)),
      }
    },
  }
}
