import { isJsonObject } from '../../schema/decode.ts'
import { numberOf, objectList, optionalObject, stringList, stringMap, stringOf } from '../kinds/json.ts'
import type { JsonObject, KubernetesObject } from '../objects.ts'
import { asJson, asObject } from './decode-body.ts'

/** A workload as autoscaling/v1 Scale. Zero replicas are left out, as Go's omitempty does. */
export function scaleOf(object: KubernetesObject): KubernetesObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata
  const { spec, status } = asJson(object)
  const replicas = numberOf(isJsonObject(spec) ? spec : null, 'replicas') ?? 0
  const selector = scaleSelector(object)
  return asObject({
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: JSON.parse(JSON.stringify({ name, namespace, uid, resourceVersion, creationTimestamp })),
    spec: replicas === 0 ? {} : { replicas },
    status: {
      replicas: numberOf(isJsonObject(status) ? status : null, 'replicas') ?? 0,
      ...(selector === '' ? {} : { selector }),
    },
  })
}

/** What a workload selects, as its scale says it. */
export function scaleSelector(object: KubernetesObject): string {
  const { spec } = asJson(object)
  return selectorText(optionalObject(isJsonObject(spec) ? spec : null, 'selector'))
}

/** A label selector in its query form: `app=web,tier in (a,b)`. */
function selectorText(selector: JsonObject | null): string {
  const equal = Object.entries(stringMap(selector, 'matchLabels')).map(([key, value]) => `${key}=${value}`)
  const sets = objectList(selector, 'matchExpressions').map((expression) => {
    const key = stringOf(expression, 'key')
    const values = stringList(expression, 'values').sort().join(',')
    switch (expression.operator) {
      case 'In':
        return `${key} in (${values})`
      case 'NotIn':
        return `${key} notin (${values})`
      case 'Exists':
        return key
      default:
        return `!${key}`
    }
  })
  return [...equal, ...sets].sort().join(',')
}
