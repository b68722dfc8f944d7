import type { JsonObject } from '../../objects.ts'
import { numberOf, optionalObject, stringOf } from '../json.ts'

/** Metrics in the flat form in which autoscaling/v1 keeps them in annotations. Reference: pkg/apis/autoscaling/v1/conversion.go. */
type Part = 'spec' | 'status'

const sources = ['object', 'pods', 'resource', 'containerResource', 'external'] as const

/** Without what is undefined, in the order of the keys as given. */
function compact(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined))
}

export function flatMetric(metric: JsonObject, part: Part): JsonObject {
  const out: JsonObject = { type: metric.type }
  for (const name of sources) {
    const source = optionalObject(metric, name)
    if (source !== null) out[name] = flatSource(name, source, part)
  }
  return out
}

function flatSource(name: (typeof sources)[number], source: JsonObject, part: Part): JsonObject {
  const value = optionalObject(source, part === 'spec' ? 'target' : 'current')
  const metric = optionalObject(source, 'metric')
  const prefix = part === 'spec' ? 'target' : 'current'
  const average = { [`${prefix}AverageValue`]: value?.averageValue }
  const utilization = { [`${prefix}AverageUtilization`]: value?.averageUtilization }
  switch (name) {
    case 'object':
      return compact({
        target: source.describedObject,
        metricName: metric?.name,
        [part === 'spec' ? 'targetValue' : 'currentValue']: value?.value ?? '0',
        selector: metric?.selector,
        averageValue: value?.averageValue,
      })
    case 'pods':
      return compact({ metricName: metric?.name, ...average, selector: metric?.selector })
    case 'resource':
      return compact({ name: source.name, ...utilization, ...average })
    case 'containerResource':
      return compact({ name: source.name, ...utilization, ...average, container: source.container })
    case 'external':
      return compact({
        metricName: metric?.name,
        metricSelector: metric?.selector,
        [`${prefix}Value`]: value?.value,
        ...average,
      })
  }
}

export function fullMetric(flat: JsonObject, part: Part): JsonObject {
  const out: JsonObject = { type: flat.type }
  for (const name of sources) {
    const source = optionalObject(flat, name)
    if (source !== null) out[name] = fullSource(name, source, part)
  }
  return out
}

function fullSource(name: (typeof sources)[number], flat: JsonObject, part: Part): JsonObject {
  const prefix = part === 'spec' ? 'target' : 'current'
  const value = amountOf(name, flat, prefix, part)
  const key = part === 'spec' ? 'target' : 'current'
  if (name === 'resource') return { name: flat.name, [key]: value }
  if (name === 'containerResource') return { name: flat.name, container: flat.container, [key]: value }
  const metric = compact({ name: flat.metricName, selector: flat.selector ?? flat.metricSelector })
  return { ...(name === 'object' ? { describedObject: flat.target } : {}), metric, [key]: value }
}

function amountOf(name: string, flat: JsonObject, prefix: string, part: Part): JsonObject {
  const averageValue = name === 'object' ? flat.averageValue : flat[`${prefix}AverageValue`]
  const averageUtilization = numberOf(flat, `${prefix}AverageUtilization`)
  const plain = stringOf(flat, `${prefix}Value`)
  const value = averageValue !== undefined && (plain === '' || plain === '0') ? undefined : plain || undefined
  if (part === 'status') return compact({ value, averageValue, averageUtilization })
  const type = averageUtilization !== undefined ? 'Utilization' : averageValue !== undefined ? 'AverageValue' : 'Value'
  return compact({ type, value, averageValue, averageUtilization })
}
