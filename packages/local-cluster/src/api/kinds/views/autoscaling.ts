import { isJsonObject } from '../../../schema/decode.ts'
import type { Json, JsonObject } from '../../objects.ts'
import { HorizontalPodAutoscalers } from '../../resources.ts'
import { childObject, numberOf, objectList, optionalObject, setDefault, stringMap } from '../json.ts'
import { flatMetric, fullMetric } from './autoscaling-metrics.ts'
import type { VersionRules } from './view.ts'

/** What autoscaling/v1 has no fields for. */
const prefix = 'autoscaling.alpha.kubernetes.io/'
const kept = ['metrics', 'behavior', 'current-metrics', 'conditions'] as const

/** Autoscalers with one target, the CPU's. Reference: k8s.io/kubernetes/pkg/apis/autoscaling/v1/conversion.go. */
export const autoscalingView: VersionRules = {
  type: { ...HorizontalPodAutoscalers, apiVersion: 'autoscaling/v1' },
  stored: HorizontalPodAutoscalers,
  toView(stored) {
    const object = structuredClone(stored)
    const { metrics, behavior, ...spec } = childObject(object, 'spec')
    const { currentMetrics, conditions, ...status } = optionalObject(object, 'status') ?? {}
    const [targets, current] = [listOf(metrics), listOf(currentMetrics)]
    const cpu = targets.find(isCpuUtilization)
    const utilization = utilizationOf(cpu, 'target')
    const used = utilizationOf(current.find(isCpu), 'current')
    annotate(object, {
      metrics: targets.filter((metric) => !isCpuUtilization(metric)).map((metric) => flatMetric(metric, 'spec')),
      'current-metrics': current.map((metric) => flatMetric(metric, 'status')),
      conditions: listOf(conditions),
      behavior: isJsonObject(behavior) ? capitalised(behavior) : undefined,
    })
    return {
      ...object,
      apiVersion: 'autoscaling/v1',
      spec: { ...spec, ...(utilization === undefined ? {} : { targetCPUUtilizationPercentage: utilization }) },
      status: {
        ...status,
        ...(used === undefined ? {} : { currentCPUUtilizationPercentage: used }),
        currentReplicas: numberOf(status, 'currentReplicas') ?? 0,
        desiredReplicas: numberOf(status, 'desiredReplicas') ?? 0,
      },
    }
  },
  toStored(view) {
    const object = structuredClone(view)
    const { targetCPUUtilizationPercentage: target, ...spec } = childObject(object, 'spec')
    const { currentCPUUtilizationPercentage: _used, ...status } = optionalObject(object, 'status') ?? {}
    const saved = takeAnnotations(object)
    setDefault(spec, 'minReplicas', 1)
    const metrics = listOf(saved.metrics).map((metric) => fullMetric(metric, 'spec'))
    if (typeof target === 'number') metrics.push(cpuTarget(target))
    if (metrics.length > 0) spec.metrics = metrics
    if (isJsonObject(saved.behavior)) spec.behavior = lowered(saved.behavior)
    const current = listOf(saved['current-metrics']).map((metric) => fullMetric(metric, 'status'))
    const conditions = listOf(saved.conditions)
    return {
      ...object,
      apiVersion: HorizontalPodAutoscalers.apiVersion,
      spec,
      status: {
        ...status,
        ...(current.length > 0 ? { currentMetrics: current } : {}),
        ...(conditions.length > 0 ? { conditions } : {}),
      },
    }
  },
}

function listOf(value: Json): JsonObject[] {
  return objectList({ list: value }, 'list')
}

function isCpu(metric: JsonObject): boolean {
  return metric.type === 'Resource' && optionalObject(metric, 'resource')?.name === 'cpu'
}

function isCpuUtilization(metric: JsonObject): boolean {
  return isCpu(metric) && utilizationOf(metric, 'target') !== undefined
}

function utilizationOf(metric: JsonObject | undefined, key: 'target' | 'current'): number | undefined {
  return numberOf(optionalObject(optionalObject(metric ?? null, 'resource'), key), 'averageUtilization')
}

function cpuTarget(averageUtilization: number): JsonObject {
  return { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } } }
}

function annotate(object: JsonObject, values: Record<(typeof kept)[number], Json>): void {
  const metadata = childObject(object, 'metadata')
  const annotations = stringMap(metadata, 'annotations')
  for (const name of kept) {
    const value = values[name]
    if (value === undefined || (Array.isArray(value) && value.length === 0)) delete annotations[prefix + name]
    else annotations[prefix + name] = JSON.stringify(value)
  }
  if (Object.keys(annotations).length > 0) metadata.annotations = annotations
}

/** What the annotations say; they are no longer there. What is not JSON is passed over, as Kubernetes does. */
function takeAnnotations(object: JsonObject): Partial<Record<(typeof kept)[number], Json>> {
  const metadata = childObject(object, 'metadata')
  const annotations = stringMap(metadata, 'annotations')
  const out: Partial<Record<(typeof kept)[number], Json>> = {}
  for (const name of kept) {
    const text = annotations[prefix + name]
    if (text === undefined) continue
    out[name] = parsed(text)
    delete annotations[prefix + name]
  }
  if (Object.keys(annotations).length > 0) metadata.annotations = annotations
  else delete metadata.annotations
  return out
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** The annotation of the behavior has Go's names of the fields: the server writes its own type. */
function capitalised(value: JsonObject): JsonObject {
  return withKeys(value, (key) => key.charAt(0).toUpperCase() + key.slice(1))
}

function lowered(value: JsonObject): JsonObject {
  return withKeys(value, (key) => key.charAt(0).toLowerCase() + key.slice(1))
}

function withKeys(value: JsonObject, change: (key: string) => string): JsonObject {
  const each = (item: Json): Json =>
    Array.isArray(item) ? item.map(each) : isJsonObject(item) ? withKeys(item, change) : item
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== null)
      .map(([key, item]) => [change(key), each(item)]),
  )
}
