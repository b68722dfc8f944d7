import { labelValue, qualifiedName } from '../api/validation/names.ts'
import { MetricError, type MetricIdentifier, type MetricSpec } from './hpa-objects.ts'
import type { LabelSelector } from './objects.ts'

const NO_CUSTOM =
  'unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered'
const UNSET = (kind: string) =>
  `invalid ${kind} metric source: neither a value target nor an average value target was set`

/**
 * Why a metric of pods, of an object or from outside cannot be read: no custom and no external metrics API is served here. In the
 * words of a cluster without them. Reference: pkg/controller/podautoscaler/metrics/client.go.
 */
export function unservedMetric(metric: MetricSpec, namespace: string): MetricError {
  if (metric.pods !== undefined) return ofPods(metric.pods.metric)
  if (metric.object !== undefined) return ofObject(metric.object, namespace)
  if (metric.external !== undefined) return ofExternal(metric.external, namespace)
  const why = `unknown metric source type "${metric.type}"`
  return new MetricError('InvalidMetricSourceType', why, why)
}

function ofPods({ name, selector }: MetricIdentifier): MetricError {
  const why = selectorProblem(selector) ?? `unable to get metric ${name}: ${NO_CUSTOM}`
  return new MetricError('FailedGetPodsMetric', why, `failed to get pods metric value: ${why}`)
}

function ofObject({ metric, target, describedObject }: NonNullable<MetricSpec['object']>, namespace: string) {
  const failed = (why: string, within = '') =>
    new MetricError('FailedGetObjectMetric', why, `failed to get object metric value: ${within}${why}`)
  const problem = selectorProblem(metric.selector)
  if (problem !== null) return failed(problem)
  // The real controller mixes up the order of these words.
  const why = `unable to get metric ${metric.name}: ${describedObject.kind} on ${namespace} ${describedObject.name}/${NO_CUSTOM}`
  if (target.type === 'Value' && target.value !== undefined) return failed(why)
  if (target.type === 'AverageValue' && target.averageValue !== undefined) {
    return failed(why, `failed to get ${metric.name} object metric: `)
  }
  return failed(UNSET('object'))
}

function ofExternal({ metric, target }: NonNullable<MetricSpec['external']>, namespace: string): MetricError {
  const { name, selector } = metric
  const failed = (why: string, within = '') =>
    new MetricError('FailedGetExternalMetric', why, `failed to get ${name} external metric value: ${within}${why}`)
  const missing = `the server could not find the requested resource (get ${name}.external.metrics.k8s.io)`
  const why =
    selectorProblem(selector) ??
    `unable to get external metric ${namespace}/${name}/${selectorText(selector)}: unable to fetch metrics from external metrics API: ${missing}`
  if (target.averageValue !== undefined) return failed(why, `failed to get ${name} external metric: `)
  return target.value === undefined ? failed(UNSET('external')) : failed(why, `failed to get external metric ${name}: `)
}

/** What is wrong with a metric's selector, which the API takes as it comes; null where nothing is. */
function selectorProblem(selector: LabelSelector | undefined): string | null {
  const labels = Object.entries(selector?.matchLabels ?? {}).map(([key, value]) => problemsOf(key, 'In', [value]))
  const expressions = (selector?.matchExpressions ?? []).map(({ key, operator, values = [] }) =>
    problemsOf(key, operator, values),
  )
  const [first] = [...labels, ...expressions].filter((problems) => problems.length > 0)
  if (first === undefined) return null
  return first.length === 1 ? (first[0] ?? '') : `[${first.join(', ')}]`
}

function problemsOf(key: string, operator: string, values: readonly string[]): string[] {
  const takesValues = operator === 'In' || operator === 'NotIn'
  if (!takesValues && operator !== 'Exists' && operator !== 'DoesNotExist') {
    return [`"${operator}" is not a valid label selector operator`]
  }
  const problems = qualifiedName(key).map((why) => `key: Invalid value: "${key}": ${why}`)
  if (takesValues && values.length === 0) {
    problems.push("values: Invalid value: null: for 'in', 'notin' operators, values set can't be empty")
  }
  if (!takesValues && values.length > 0) {
    const given = JSON.stringify(values)
    problems.push(`values: Invalid value: ${given}: values set must be empty for exists and does not exist`)
  }
  for (const [index, value] of values.entries()) {
    problems.push(...labelValue(value).map((why) => `values[${index}][${key}]: Invalid value: "${value}": ${why}`))
  }
  return problems
}

/** A selector as Go prints it, as the messages have it. */
function selectorText(selector: LabelSelector | undefined): string {
  if (selector === undefined) return 'nil'
  const labels = Object.entries(selector.matchLabels ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}: ${value},`)
  const expressions = (selector.matchExpressions ?? []).map(
    ({ key, operator, values = [] }) =>
      `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(' ')}],},`,
  )
  return `&LabelSelector{MatchLabels:map[string]string{${labels.join('')}},MatchExpressions:[]LabelSelectorRequirement{${expressions.join('')}},}`
}
