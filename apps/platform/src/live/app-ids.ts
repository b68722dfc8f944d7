import type { Informer, KubeObject } from '@slipway/kube'
import { appIdOf } from '@slipway/manifests'
import { LRUCache } from 'lru-cache'

/** Owners that are remembered: those whose pods still end when they are gone themselves. Some bytes each. */
const MAX_OWNERS = 50_000

/** Tells which app an object of the cluster belongs to. */
export interface AppIds {
  /** Id of the app's row; null where neither the object nor what made it tells. */
  of(object: KubeObject): string | null
}

/**
 * What is rendered for an app carries its id. Pods do not, so as not to be started again by it: their ReplicaSet does, which inherits
 * its Deployment's annotations, and one of before there were ids is told by its Deployment. Pods outlive both when a process is
 * removed, so an owner's answer is kept.
 */
export function createAppIds(caches: {
  ReplicaSets: Pick<Informer<KubeObject>, 'get'>
  Deployments: Pick<Informer<KubeObject>, 'get'>
}): AppIds {
  const byOwner = new LRUCache<string, string>({ max: MAX_OWNERS })

  function ofOwner({ metadata: { namespace, ownerReferences = [] } }: KubeObject): string | null {
    const owner = ownerReferences.find(({ controller }) => controller)
    if (owner === undefined) return null
    const known = byOwner.get(owner.uid)
    if (known !== undefined) return known
    const cache =
      owner.kind === 'ReplicaSet' ? caches.ReplicaSets : owner.kind === 'Deployment' ? caches.Deployments : undefined
    const found = cache?.get(namespace, owner.name)
    const id = found === undefined ? null : of(found)
    if (id !== null) byOwner.set(owner.uid, id)
    return id
  }

  function of(object: KubeObject): string | null {
    return appIdOf(object) ?? ofOwner(object)
  }
  return { of }
}
