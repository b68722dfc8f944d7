import { formatQuantity, quantityOf } from '../schema/quantity.ts'
import { type HorizontalPodAutoscaler, MetricError, type MetricSpec, type MetricStatus } from './hpa-objects.ts'
import { type Answer, replicasFor, type Tolerances } from './hpa-replicas.ts'
import { unservedMetric } from './hpa-unserved.ts'
import type { ControllerContext } from './kind-controller.ts'
import type { Pod } from './objects.ts'

const DEFAULT_TOLERANCE = 0.1

/** What one metric asks for. */
export interface Proposal {
  replicas: number
  /** As in `cpu resource utilization (percentage of request) above target`. */
  name: string
  status: MetricStatus
}

/** @throws MetricError where nothing measures it, or too little is known. */
export async function propose(
  context: ControllerContext,
  hpa: HorizontalPodAutoscaler,
  metric: MetricSpec,
  target: { pods: readonly Pod[]; replicas: number },
): Promise<Proposal> {
  const { namespace = '' } = hpa.metadata
  const source = metric.resource ?? metric.containerResource
  if (source === undefined) throw unservedMetric(metric, namespace)
  const container = metric.containerResource?.container
  const byRequest = source.target.averageValue === undefined
  try {
    const usages = await usagesOf(context, namespace, source.name, target.pods)
    const answer = replicasFor(
      {
        resource: source.name,
        ...(container === undefined ? {} : { container }),
        target: source.target,
        currentReplicas: target.replicas,
        tolerances: tolerancesOf(hpa),
        nowMs: context.now(),
      },
      target.pods,
      usages,
    )
    return {
      replicas: answer.replicas,
      name: nameOf(metric, source.name, byRequest),
      status: statusOf(metric, source.name, answer),
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    const message = `failed to get ${source.name} ${byRequest ? 'utilization' : 'usage'}: ${why}`
    throw container === undefined
      ? new MetricError(
          'FailedGetResourceMetric',
          message,
          `failed to get ${source.name} resource metric value: ${message}`,
        )
      : new MetricError(
          'FailedGetContainerResourceMetric',
          message,
          `failed to get ${container} container metric value: ${message}`,
        )
  }
}

async function usagesOf(context: ControllerContext, namespace: string, resource: string, pods: readonly Pod[]) {
  const prefix = `unable to get metrics for resource ${resource}`
  const usage = (await context.usage?.()) ?? null
  if (usage === null) {
    throw new Error(
      `${prefix}: unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)`,
    )
  }
  const names = new Set(pods.map(({ metadata }) => metadata.name))
  const found = usage.pods.filter((pod) => pod.namespace === namespace && names.has(pod.name))
  if (found.length === 0) throw new Error(`${prefix}: no metrics returned from resource metrics API`)
  return { ...usage, pods: found }
}

function tolerancesOf({ spec: { behavior } }: HorizontalPodAutoscaler): Tolerances {
  const of = (tolerance: string | number | undefined) =>
    tolerance === undefined ? DEFAULT_TOLERANCE : Number(quantityOf(tolerance).nano) / 1e9
  return { down: of(behavior?.scaleDown?.tolerance), up: of(behavior?.scaleUp?.tolerance) }
}

function nameOf({ containerResource }: MetricSpec, resource: string, byRequest: boolean): string {
  if (!byRequest) return `${resource} resource`
  const kind = containerResource === undefined ? 'resource' : 'container resource'
  return `${resource} ${kind} utilization (percentage of request)`
}

function statusOf(metric: MetricSpec, name: string, answer: Answer): MetricStatus {
  const { averageMilli, utilization } = answer
  const format = name === 'memory' ? 'BinarySI' : 'DecimalSI'
  const averageValue = formatQuantity({ nano: BigInt(averageMilli) * 1_000_000n, format })
  const current = { averageValue, ...(utilization === undefined ? {} : { averageUtilization: utilization }) }
  return metric.containerResource === undefined
    ? { type: 'Resource', resource: { name, current } }
    : {
        type: 'ContainerResource',
        containerResource: { name, container: metric.containerResource.container, current },
      }
}
