import { controllerOf, selects } from '../api/core/select.ts'
import type { KubernetesObject, OwnerReference } from '../api/objects.ts'

export { controllerOf, selects }

/** Lists what an owner controls. */
export const ownedBy = ({ metadata: { namespace = '', uid = '' } }: KubernetesObject) => ({
  namespace,
  controlledBy: uid,
})

export function isControlledBy(object: KubernetesObject, owner: KubernetesObject): boolean {
  return controllerOf(object)?.uid === owner.metadata.uid
}

/** The reference by which an object is controlled and cleaned up with its owner. */
export function controllerRef(owner: KubernetesObject): OwnerReference {
  return {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  }
}
