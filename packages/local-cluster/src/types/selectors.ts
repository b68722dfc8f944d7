import type { LabelSelector } from './client.ts'
import type { KubernetesObject, OwnerReference } from './objects.ts'
import { meets } from './requirement.ts'

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

/** True when a label selector takes these labels. An empty selector takes all, an absent one nothing. */
export function selects(selector: LabelSelector | undefined, labels: Readonly<Record<string, string>> = {}): boolean {
  if (selector === undefined) return false
  for (const key in selector.matchLabels) if (labels[key] !== selector.matchLabels[key]) return false
  return (selector.matchExpressions ?? []).every((expression) => meets(expression, labels[expression.key]))
}

/** Labels that the selector wants with one of these values. */
export function requiredBy({ matchLabels = {}, matchExpressions = [] }: LabelSelector) {
  return [
    ...Object.entries(matchLabels).map(([key, value]) => ({ key, values: [value] })),
    ...matchExpressions.flatMap(({ key, operator, values = [] }) => (operator === 'In' ? [{ key, values }] : [])),
  ]
}

/** The owner that controls the object; at most one may. */
export function controllerOf(object: KubernetesObject) {
  return object.metadata.ownerReferences?.find((owner) => owner.controller === true)
}
