import { Pods } from '../api/resources.ts'
import { quantityOf } from '../schema/quantity.ts'
import type { HorizontalPodAutoscaler, MetricSpec, MetricStatus } from './hpa-objects.ts'
import { type Answer, replicasFor, type Tolerances } from './hpa-replicas.ts'
import type { ControllerContext } from './kind-controller.ts'
import type { LabelSelector, Pod } from './objects.ts'

const DEFAULT_TOLERANCE = 0.1

/** What one metric asks for. */
export interface Proposal {
  replicas: number
  /** As in `cpu resource utilization (percentage of request) above target`. */
  name: string
  status: MetricStatus
}

/** Why a metric cannot be read: for the condition and the event, and for the sum of all metrics. */
export class MetricError extends Error {
  override name = 'MetricError'
  readonly reason: string
  readonly summary: string
  constructor(reason: string, message: string, summary: string) {
    super(message)
    this.reason = reason
    this.summary = summary
  }
}

/** @throws MetricError where nothing measures it, or too little is known. */
export async function propose(
  context: ControllerContext,
  hpa: HorizontalPodAutoscaler,
  metric: MetricSpec,
  target: { selector: LabelSelector | undefined; replicas: number },
): Promise<Proposal> {
  const source = metric.resource ?? metric.containerResource
  if (source === undefined) {
    const message = `unable to get metric of type ${metric.type}: the server could not find the requested resource (get custom.metrics.k8s.io)`
    throw new MetricError(
      `FailedGet${metric.type}Metric`,
      message,
      `failed to get ${metric.type} metric value: ${message}`,
    )
  }
  const container = metric.containerResource?.container
  const byRequest = source.target.type === 'Utilization'
  const what = `${source.name} ${byRequest ? 'utilization' : 'usage'}`
  try {
    const usages = await usagesOf(context, hpa.metadata.namespace ?? '', source.name)
    const { selector } = target
    const pods =
      selector === undefined
        ? []
        : (await context.api.list<Pod>(Pods, { namespace: hpa.metadata.namespace ?? '', selector })).items
    const names = new Set(pods.map(({ metadata }) => metadata.name))
    const answer = replicasFor(
      {
        resource: source.name,
        ...(container === undefined ? {} : { container }),
        target: source.target,
        currentReplicas: target.replicas,
        tolerances: tolerancesOf(hpa),
        nowMs: context.now(),
      },
      pods,
      usages.filter(({ name }) => names.has(name)),
    )
    return {
      replicas: answer.replicas,
      name: nameOf(metric, source.name, byRequest),
      status: statusOf(metric, source.name, answer),
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    const message = `failed to get ${what}: ${why}`
    const kind = container === undefined ? 'resource' : 'container resource'
    const reason = container === undefined ? 'FailedGetResourceMetric' : 'FailedGetContainerResourceMetric'
    throw new MetricError(reason, message, `failed to get ${source.name} ${kind} metric value: ${message}`)
  }
}

async function usagesOf(context: ControllerContext, namespace: string, resource: string) {
  const prefix = `unable to get metrics for resource ${resource}`
  const usage = (await context.usage?.()) ?? null
  if (usage === null) {
    throw new Error(
      `${prefix}: unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)`,
    )
  }
  const usages = usage.pods.filter((pod) => pod.namespace === namespace)
  if (usages.length === 0) throw new Error(`${prefix}: no metrics returned from resource metrics API`)
  return usages
}

function tolerancesOf({ spec: { behavior } }: HorizontalPodAutoscaler): Tolerances {
  const of = (tolerance: string | number | undefined) =>
    tolerance === undefined ? DEFAULT_TOLERANCE : Number(quantityOf(tolerance).nano) / 1e9
  return { down: of(behavior?.scaleDown?.tolerance), up: of(behavior?.scaleUp?.tolerance) }
}

function nameOf({ containerResource }: MetricSpec, resource: string, byRequest: boolean): string {
  const kind = containerResource === undefined ? 'resource' : 'container resource'
  return `${resource} ${kind}${byRequest ? ' utilization (percentage of request)' : ''}`
}

function statusOf(metric: MetricSpec, name: string, answer: Answer): MetricStatus {
  const { averageMilli, utilization } = answer
  const averageValue = averageMilli % 1000 === 0 ? String(averageMilli / 1000) : `${averageMilli}m`
  const current = { averageValue, ...(utilization === undefined ? {} : { averageUtilization: utilization }) }
  return metric.containerResource === undefined
    ? { type: 'Resource', resource: { name, current } }
    : {
        type: 'ContainerResource',
        containerResource: { name, container: metric.containerResource.container, current },
      }
}
