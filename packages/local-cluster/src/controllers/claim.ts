import type { LabelSelector } from '../types/client.ts'
import type { Json, KubernetesObject } from '../types/objects.ts'
import type { ResourceType } from '../types/resources.ts'
import { controllerRef, selects } from '../types/selectors.ts'
import type { ControllerContext } from './kind-controller.ts'

/**
 * The objects of an owner: orphans that its selector takes are adopted, own ones that match no more are released.
 * Reference: pkg/controller/controller_ref_manager.go.
 * @param options.belongs what else makes an object the owner's, as a StatefulSet's ordinals; `adopts` which orphans are taken in.
 */
export async function claim<T extends KubernetesObject>(
  context: ControllerContext,
  type: ResourceType,
  owner: KubernetesObject,
  selector: LabelSelector,
  options: { belongs?: (object: T) => boolean; adopts?: (object: T) => boolean } = {},
): Promise<T[]> {
  const { belongs = () => true, adopts = () => true } = options
  const { uid = '', namespace = '' } = owner.metadata
  const matches = (object: T) => selects(selector, object.metadata.labels) && belongs(object)
  const claimed: T[] = []
  for (const object of (await context.api.list<T>(type, { namespace, controlledBy: uid })).items) {
    if (matches(object)) claimed.push(object)
    else if (owner.metadata.deletionTimestamp === undefined) await setOwner(context, type, object, null)
  }
  // Orphans alone, and of them those that the selector's labels lead to: what belongs to others is not looked at.
  for (const object of (await context.api.list<T>(type, { namespace, controlledBy: '', selector })).items) {
    if (matches(object) && adopts(object) && isFree(owner, object)) {
      claimed.push(await setOwner<T>(context, type, object, owner))
    }
  }
  return claimed
}

/** Nothing is adopted by, or as, what is on its way out. */
function isFree(owner: KubernetesObject, object: KubernetesObject): boolean {
  return owner.metadata.deletionTimestamp === undefined && object.metadata.deletionTimestamp === undefined
}

function setOwner<T extends KubernetesObject>(
  { api }: ControllerContext,
  type: ResourceType,
  object: KubernetesObject,
  owner: KubernetesObject | null,
): Promise<T> {
  const others = (object.metadata.ownerReferences ?? []).filter((each) => each.controller !== true)
  const references = owner === null ? others : [...others, controllerRef(owner)]
  const body: Json = {
    metadata: { uid: object.metadata.uid, ownerReferences: references.map((reference) => ({ ...reference })) },
  }
  const key = { namespace: object.metadata.namespace ?? '', name: object.metadata.name }
  return api.patch<T>(type, key, { type: 'merge', body })
}
