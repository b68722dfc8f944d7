import type { Candidates } from '../../store/table.ts'
import type { LabelSelector } from '../client.ts'
import type { KubernetesObject } from '../objects.ts'
import { parseFieldSelector } from '../selectors/field-selector.ts'
import { parseLabelSelector } from '../selectors/label-selector.ts'
import { meets } from '../selectors/requirement.ts'
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
