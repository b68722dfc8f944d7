import type { KubeObject } from '@slipway/kube'
import type { ClusterCaches } from '../live/caches.ts'
import type { Applier } from './apply.ts'

/**
 * Namespaces that hold all that an environment needs: an app's objects that come before its ServiceAccount has credentials would make
 * pods that can never pull their image. Known to this process only: a namespace that was made again, here or with a whole new
 * cluster, is prepared anew, whatever the rows say.
 */
export interface PreparedEnvironments {
  /** Everything of the environment was applied to the namespace as it is now. */
  prepared(namespace: string): void
  /** An object was refused because the namespace is not there, or is ending. */
  lost(namespace: string): void
  isPrepared(namespace: string): boolean
}

export function createPreparedEnvironments(
  caches: Pick<ClusterCaches, 'find'>,
  applier: Pick<Applier, 'namespaceUid'>,
): PreparedEnvironments {
  const uids = new Map<string, string>()
  const liveUid = (name: string): string | undefined => {
    const live: KubeObject | undefined = caches.find({ apiVersion: 'v1', kind: 'Namespace', name })
    return live?.metadata.deletionTimestamp === undefined ? live?.metadata.uid : undefined
  }
  return {
    prepared(namespace) {
      const uid = applier.namespaceUid(namespace)
      if (uid !== undefined) uids.set(namespace, uid)
    },
    lost: (namespace) => void uids.delete(namespace),
    isPrepared(namespace) {
      const uid = uids.get(namespace)
      return uid !== undefined && uid === liveUid(namespace)
    },
  }
}
