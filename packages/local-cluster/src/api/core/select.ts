import type { KubernetesObject } from '../objects.ts'
import { parseFieldSelector } from '../selectors/field-selector.ts'
import { parseLabelSelector } from '../selectors/label-selector.ts'
import type { KindStrategy } from './strategy.ts'

export interface Selection {
  namespace?: string | undefined
  labelSelector?: string | undefined
  fieldSelector?: string | undefined
}

/** One predicate for namespace and both selectors. */
export function selectionPredicate(
  strategy: KindStrategy,
  selection: Selection,
): (object: KubernetesObject) => boolean {
  const { namespace, labelSelector = '', fieldSelector = '' } = selection
  const labels = labelSelector === '' ? null : parseLabelSelector(labelSelector)
  const fields = fieldSelector === '' ? null : parseFieldSelector(strategy, fieldSelector)
  return (object) =>
    (namespace === undefined || object.metadata.namespace === namespace) &&
    (labels === null || labels(object.metadata.labels)) &&
    (fields === null || fields(object))
}
