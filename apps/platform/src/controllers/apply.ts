import { createHash } from 'node:crypto'
import type { Cluster, KubeObject } from '@slipway/kube'
import { withInstallation } from '@slipway/manifests'
import { LRUCache } from 'lru-cache'
import type { ClusterCaches } from '../live/caches.ts'
import { assertOwn, type Owner } from './ownership.ts'

/**
 * Server-side apply of what differs. An object is sent when what is wanted changed since it was sent last, when it is not
 * there, or when somebody else changed it since; otherwise the API server is left alone. What was sent is known to this
 * process only: after a restart everything is applied once, which changes nothing where nothing differs.
 */
export interface Applier {
  /**
   * Applies in order, with this installation's label. Answers how many objects were sent.
   * @throws KubeApiError of the first that was refused
   * @throws AppError of a namespace that is another Slipway's, or nobody's
   */
  apply(objects: readonly KubeObject[]): Promise<number>
  stats(): { known: number; applied: number; skipped: number }
}

interface Sent {
  hash: string
  /** Of the object as the API server answered it. */
  version: string | null
}

/** Beyond this the entries that were not used for longest are forgotten, and applied once more when they are seen again. */
const MAX_KNOWN = 100_000

export function createApplier(
  cluster: Pick<Cluster, 'apply' | 'get'>,
  caches: Pick<ClusterCaches, 'find'>,
  owner: Owner,
): Applier {
  const known = new LRUCache<string, Sent>({ max: MAX_KNOWN })
  /** uid of each namespace that was applied. */
  const uids = new Map<string, string>()
  const counters = { applied: 0, skipped: 0 }
  return {
    async apply(objects) {
      let sent = 0
      for (const object of withInstallation(objects, owner.id)) {
        const { kind, metadata } = object
        const key = `${kind}/${metadata.namespace ?? ''}/${metadata.name}`
        const hash = createHash('sha256').update(JSON.stringify(object)).digest('base64')
        if (isCurrent(known.get(key), hash, object, caches)) {
          counters.skipped++
          continue
        }
        if (kind === 'Namespace') await assertOwn(cluster, metadata.name, owner)
        const answer = await cluster.apply(object)
        counters.applied++
        sent++
        if (kind === 'Namespace') forgetOtherLife(known, uids, metadata.name, answer.metadata.uid)
        known.set(key, { hash, version: versionOf(answer, object) })
      }
      return sent
    },
    stats: () => ({ known: known.size, ...counters }),
  }
}

/** A namespace that was deleted and made again is empty: what was sent to the old one is not there. */
function forgetOtherLife(
  known: LRUCache<string, Sent>,
  uids: Map<string, string>,
  namespace: string,
  uid: string | undefined,
): void {
  const before = uids.get(namespace)
  if (uid !== undefined) uids.set(namespace, uid)
  if (before === undefined || before === uid) return
  for (const key of [...known.keys()]) if (key.split('/')[1] === namespace) known.delete(key)
}

/** Kinds that no informer watches: only a change of what is wanted sends them again. */
const UNWATCHED = new Set(['ServiceAccount'])

function isCurrent(
  sent: Sent | undefined,
  hash: string,
  object: KubeObject,
  caches: Pick<ClusterCaches, 'find'>,
): boolean {
  if (sent === undefined || sent.hash !== hash) return false
  if (UNWATCHED.has(object.kind)) return true
  const { apiVersion, kind, metadata } = object
  const live = caches.find({ apiVersion, kind, namespace: metadata.namespace, name: metadata.name })
  if (live === undefined || live.metadata.deletionTimestamp !== undefined) return false
  return sent.version === null || sent.version === versionOf(live, object)
}

/** Kinds whose part that is wanted is their spec; their status, which changes with every pod, shares the resourceVersion. */
const BY_SPEC = new Set(['LimitRange', 'ResourceQuota', 'NetworkPolicy'])

/**
 * What changes when somebody changes the wanted part of an object: its generation, where it has one. Of a Namespace the labels that are
 * wanted tell, among them its Pod Security; of guards their spec; of Services, which have no status that changes, their
 * resourceVersion. Secrets (immutable) need none.
 */
function versionOf(object: KubeObject, wanted: KubeObject): string | null {
  const { generation, labels = {}, resourceVersion } = object.metadata
  if (BY_SPEC.has(object.kind)) return `s${JSON.stringify(Reflect.get(object, 'spec') ?? null)}`
  if (object.kind === 'Namespace')
    return `l${JSON.stringify(Object.keys(wanted.metadata.labels ?? {}).map((key) => labels[key] ?? null))}`
  if (generation !== undefined) return `g${generation}`
  return object.kind === 'Service' ? `r${resourceVersion}` : null
}
