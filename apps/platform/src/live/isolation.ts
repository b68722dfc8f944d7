import { ISOLATIONS, type Isolation } from '@slipway/domain'
import { type Cluster, type KubeObject, Nodes } from '@slipway/kube'
import { z } from 'zod'
import { keepFresh } from './fresh.ts'

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
  return keepFresh(() => readIsolation(cluster), { freshMs: FRESH_MS, ...options })
}

async function readIsolation(cluster: Pick<Cluster, 'list'>): Promise<Isolation | null> {
  const { items } = await cluster.list<KubeObject>(Nodes)
  const values = items.map(({ metadata }) => z.enum(ISOLATIONS).safeParse(metadata.annotations?.[ANNOTATION]).data)
  return values.find((value) => value !== undefined) ?? null
}
