import { AppError, isAppError } from '@slipway/domain'
import type { Cluster, KubeObject } from '@slipway/kube'
import { installationOf, LABELS, MANAGER } from '@slipway/manifests'

/** This Slipway on a cluster that others share: its id, and every one that it has had. */
export interface Owner {
  id: string
  known: readonly string[]
}

/**
 * Asks the cluster itself, because caches hold only what Slipway has labelled. A namespace with our label but no id was made before
 * there were ids, and is adopted.
 * @throws AppError conflict where the namespace is another Slipway's, or none's
 */
export async function assertOwn(cluster: Pick<Cluster, 'get'>, name: string, owner: Owner): Promise<void> {
  const reason = whyNotOwn(await cluster.get<KubeObject>({ apiVersion: 'v1', kind: 'Namespace', name }), owner)
  if (reason !== null) throw new AppError('conflict', reason, { namespace: name })
}

/** False where nothing in the namespace may be touched, because it is not this Slipway's. */
export function isOwn(cluster: Pick<Cluster, 'get'>, name: string, owner: Owner): Promise<boolean> {
  return assertOwn(cluster, name, owner).then(
    () => true,
    (error: unknown) => {
      if (isAppError(error)) return false
      throw error
    },
  )
}

/** Why a namespace is left alone, in one sentence; null where it is ours or not there. */
function whyNotOwn(namespace: KubeObject | null, owner: Owner): string | null {
  if (namespace === null) return null
  const { name, labels } = namespace.metadata
  const installation = installationOf(namespace)
  if (installation !== null) {
    if (owner.known.includes(installation)) return null
    return `The namespace ${name} belongs to another Slipway on this cluster, "${installation}" (this one is "${owner.id}").`
  }
  if (labels?.[LABELS.managedBy] === MANAGER) return null
  return `The namespace ${name} exists on this cluster, and Slipway did not make it.`
}
