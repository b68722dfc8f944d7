import type { Candidates } from '../../store/table.ts'
import type { LabelSelector } from '../../types/client.ts'
import type { KubernetesObject } from '../../types/objects.ts'
import { controllerOf, requiredBy, selects } from '../../types/selectors.ts'
import { parseFieldSelector } from '../selectors/field-selector.ts'
import { parseLabelSelector } from '../selectors/label-selector.ts'
import type { KindStrategy } from './strategy.ts'

export interface Selection {
  namespace?: string | undefined
  labelSelector?: string | undefined
  fieldSelector?: string | undefined
  /** A selector as objects carry it, in place of its text. */
  selector?: LabelSelector | undefined
  controlledBy?: string | undefined
}

/** What a selection takes, and where an index has it. */
export interface Selected {
  matches: (object: KubernetesObject) => boolean
  candidates: Candidates
}

/** Namespace, selectors and owner as one test, with what the store's indexes can narrow beforehand. */
export function select(strategy: KindStrategy, selection: Selection): Selected {
  const { namespace, labelSelector = '', fieldSelector = '', selector, controlledBy } = selection
  const labels = labelSelector === '' ? null : parseLabelSelector(labelSelector)
  const fields = fieldSelector === '' ? null : parseFieldSelector(strategy, fieldSelector)
  const required = [...(labels?.required ?? []), ...(selector === undefined ? [] : requiredBy(selector))]
  const present = (selector?.matchExpressions ?? []).filter(({ operator }) => operator === 'Exists')
  const keys = [...(labels?.keys ?? []), ...present.map(({ key }) => key)]
  return {
    matches: (object) =>
      (namespace === undefined || object.metadata.namespace === namespace) &&
      (labels === null || labels.matches(object.metadata.labels)) &&
      (fields === null || fields.matches(object)) &&
      (selector === undefined || selects(selector, object.metadata.labels)) &&
      (controlledBy === undefined || (controllerOf(object)?.uid ?? '') === controlledBy),
    candidates: { name: fields?.name, labels: required, keys, controller: controlledBy },
  }
}

/** One predicate for namespace and both selectors. */
export const selectionPredicate = (strategy: KindStrategy, selection: Selection) => select(strategy, selection).matches
