import { ISOLATIONS, type Isolation } from '@slipway/domain'
import { type Cluster, type KubeObject, Nodes } from '@slipway/kube'
import { z } from 'zod'

/** Set by the local cluster on its node; real clusters have no such annotation. */
const ANNOTATION = 'local.slipway.dev/isolation'
const FRESH_MS = 30_000

/**
 * How apart the local cluster keeps apps, read from its node at most twice a minute. Null where no node says it, and while
 * the cluster is away.
 */
export function createIsolationReader(
  cluster: Pick<Cluster, 'list'>,
  options: { onError: (error: unknown) => void; now: () => Date },
): () => Promise<Isolation | null> {
  let known: { at: number; value: Promise<Isolation | null> } | null = null
  return () => {
    const at = options.now().getTime()
    if (known === null || at - known.at > FRESH_MS) {
      const value = readIsolation(cluster).catch((error: unknown) => {
        options.onError(error)
        return null
      })
      known = { at, value }
    }
    return known.value
  }
}

async function readIsolation(cluster: Pick<Cluster, 'list'>): Promise<Isolation | null> {
  const { items } = await cluster.list<KubeObject>(Nodes)
  const values = items.map(({ metadata }) => z.enum(ISOLATIONS).safeParse(metadata.annotations?.[ANNOTATION]).data)
  return values.find((value) => value !== undefined) ?? null
}
