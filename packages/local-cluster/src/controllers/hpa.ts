import type { KubernetesObject } from '../api/objects.ts'
import { allResourceTypes, HorizontalPodAutoscalers, type ResourceType } from '../api/resources.ts'
import { timestamp } from '../times.ts'
import { noMemory, normalize, rememberChange, type ScalingMemory } from './hpa-behavior.ts'
import { MetricError, type Proposal, propose } from './hpa-metrics.ts'
import type { HorizontalPodAutoscaler, MetricStatus } from './hpa-objects.ts'
import { type ControllerContext, keyOf, parseKey, runController } from './kind-controller.ts'
import type { Condition, LabelSelector } from './objects.ts'
import { same } from './same.ts'

const COMPONENT = 'horizontal-pod-autoscaler'
/** Time between two looks. Reference: --horizontal-pod-autoscaler-sync-period. */
const PERIOD_MS = 15_000
const SCALABLE = new Set(['Deployment', 'ReplicaSet', 'StatefulSet'])

interface Scalable extends KubernetesObject {
  spec: { replicas?: number; selector?: LabelSelector }
}

/** HorizontalPodAutoscalers: replicas by measured use. Reference: k8s.io/kubernetes/pkg/controller/podautoscaler. */
export function runAutoscalers(context: ControllerContext) {
  const memories = new Map<string, { memory: ScalingMemory; nextMs: number }>()
  const periodMs = context.autoscalerPeriodMs ?? PERIOD_MS
  return runController(context, {
    name: 'autoscaler',
    reconcile: async (key) => {
      const hpa = await context.api.get<HorizontalPodAutoscaler>(HorizontalPodAutoscalers, parseKey(key))
      if (hpa === null) {
        memories.delete(key)
        return undefined
      }
      const known = memories.get(key) ?? { memory: noMemory(), nextMs: context.now() + periodMs }
      memories.set(key, known)
      const leftMs = known.nextMs - context.now()
      if (leftMs > 0) return { requeueAfterMs: leftMs }
      known.nextMs = context.now() + periodMs
      await reconcile(context, hpa, known.memory)
      return { requeueAfterMs: periodMs }
    },
    watches: [{ type: HorizontalPodAutoscalers, keys: (object) => [keyOf(object)] }],
  })
}

async function reconcile(context: ControllerContext, stored: HorizontalPodAutoscaler, memory: ScalingMemory) {
  const hpa = structuredClone(stored)
  const status = { desiredReplicas: 0, ...hpa.status, currentMetrics: hpa.status?.currentMetrics ?? null }
  hpa.status = status
  const look = new Look(context, hpa, memory)
  try {
    await look.run()
  } finally {
    if (!same(hpa.status, stored.status ?? {})) {
      await context.api.updateStatus<HorizontalPodAutoscaler>(hpa)
    }
  }
  for (const [reason, message] of look.complaints) await look.record('Warning', reason, message)
}

/** One look at one autoscaler; `hpa.status` is written by the caller. */
class Look {
  readonly #context: ControllerContext
  readonly #hpa: HorizontalPodAutoscaler
  readonly #memory: ScalingMemory
  /** Events that come after the status. */
  readonly complaints: [string, string][] = []

  constructor(context: ControllerContext, hpa: HorizontalPodAutoscaler, memory: ScalingMemory) {
    this.#context = context
    this.#hpa = hpa
    this.#memory = memory
  }

  async run(): Promise<void> {
    const { minReplicas = 1, maxReplicas } = this.#hpa.spec
    const found = await this.#target()
    if (found === null) return
    this.#say(
      'AbleToScale',
      'True',
      'SucceededGetScale',
      "the HPA controller was able to get the target's current scale",
    )
    const current = found.object.spec.replicas ?? 1
    if (this.#memory.recommendations.length === 0) {
      this.#memory.recommendations.push({ atMs: this.#context.now(), replicas: current })
    }
    if (current === 0 && minReplicas !== 0) {
      const message = 'scaling is disabled since the replica count of the target is zero'
      this.#say('ScalingActive', 'False', 'ScalingDisabled', message)
      this.#setCounts(current, 0, null)
    } else if (current > maxReplicas) {
      await this.#scale(found, current, maxReplicas, 'Current number of replicas above Spec.MaxReplicas', null)
    } else if (current < minReplicas) {
      await this.#scale(found, current, minReplicas, 'Current number of replicas below Spec.MinReplicas', null)
    } else await this.#byMetrics(found, current)
  }

  async #target(): Promise<{ type: ResourceType; object: Scalable } | null> {
    const { apiVersion = '', kind, name } = this.#hpa.spec.scaleTargetRef
    const type = allResourceTypes.find((each) => each.kind === kind && each.apiVersion === apiVersion)
    const key = { namespace: this.#hpa.metadata.namespace ?? '', name }
    const usable = type !== undefined && SCALABLE.has(kind)
    const object = usable ? await this.#context.api.get<Scalable>(type, key) : null
    if (usable && object !== null) return { type, object }
    const group = apiVersion.split('/')[0] ?? ''
    const why = usable
      ? `${type.plural}.${group} "${name}" not found`
      : `no matches for kind "${kind}" in group "${group}"`
    await this.record('Warning', 'FailedGetScale', why)
    const message = `the HPA controller was unable to get the target's current scale: ${why}`
    this.#say('AbleToScale', 'False', 'FailedGetScale', message)
    return null
  }

  async #byMetrics(found: { type: ResourceType; object: Scalable }, current: number): Promise<void> {
    const { metrics = [] } = this.#hpa.spec
    const proposals: Proposal[] = []
    const statuses: MetricStatus[] = []
    const errors: MetricError[] = []
    for (const metric of metrics) {
      try {
        const target = { selector: found.object.spec.selector, replicas: current }
        const proposal = await propose(this.#context, this.#hpa, metric, target)
        proposals.push(proposal)
        statuses.push(proposal.status)
      } catch (error) {
        if (!(error instanceof MetricError)) throw error
        errors.push(error)
        statuses.push({ type: '' })
        await this.record('Warning', error.reason, error.message)
      }
    }
    const best = proposals.sort((a, b) => b.replicas - a.replicas)[0]
    const [first] = errors
    if (first !== undefined && (best === undefined || best.replicas < current)) {
      const message = `the HPA was unable to compute the replica count: ${first.message}`
      this.#say('ScalingActive', 'False', first.reason, message)
      this.#setCounts(current, this.#hpa.status?.desiredReplicas ?? 0, statuses)
      const summary = `invalid metrics (${errors.length} invalid out of ${metrics.length}), first error is: ${first.summary}`
      this.complaints.push(['FailedComputeMetricsReplicas', summary])
      return
    }
    if (best === undefined) return
    const valid = `the HPA was able to successfully calculate a replica count from ${best.name}`
    this.#say('ScalingActive', 'True', 'ValidMetricFound', valid)
    const wanted = { current, desired: best.replicas, nowMs: this.#context.now() }
    const { replicas, said } = normalize(this.#hpa, this.#memory, wanted)
    for (const { type, status, reason, message } of said) this.#say(type, status, reason, message)
    const why = best.replicas > current ? `${best.name} above target` : 'All metrics below target'
    await this.#scale(found, current, replicas, why, statuses)
  }

  async #scale(
    { type, object }: { type: ResourceType; object: Scalable },
    current: number,
    replicas: number,
    reason: string,
    metrics: MetricStatus[] | null,
  ): Promise<void> {
    if (replicas !== current) {
      const key = { namespace: object.metadata.namespace ?? '', name: object.metadata.name }
      const about = `New size: ${replicas}; reason: ${reason}`
      try {
        const body = { spec: { replicas } }
        await this.#context.api.patch(type, key, { type: 'merge', body, subresource: 'scale' })
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error)
        await this.record('Warning', 'FailedRescale', `${about}; error: ${why}`)
        const message = `the HPA controller was unable to update the target scale: ${why}`
        this.#say('AbleToScale', 'False', 'FailedUpdateScale', message)
        this.#setCounts(current, current, metrics)
        return
      }
      const message = `the HPA controller was able to update the target scale to ${replicas}`
      this.#say('AbleToScale', 'True', 'SucceededRescale', message)
      await this.record('Normal', 'SuccessfulRescale', about)
      rememberChange(this.#memory, current, replicas, this.#context.now())
      if (this.#hpa.status !== undefined) this.#hpa.status.lastScaleTime = timestamp(this.#context.now())
    }
    this.#setCounts(current, replicas, metrics)
  }

  #setCounts(current: number, desired: number, metrics: MetricStatus[] | null): void {
    const { status } = this.#hpa
    if (status === undefined) return
    if (current === 0) delete status.currentReplicas
    else status.currentReplicas = current
    status.desiredReplicas = desired
    status.currentMetrics = metrics
  }

  /** Sets a condition where it stands; its time moves with its status only. */
  #say(type: string, status: 'True' | 'False', reason: string, message: string): void {
    const conditions = this.#hpa.status?.conditions ?? []
    const present = conditions.find((condition) => condition.type === type)
    const time = timestamp(this.#context.now())
    const lastTransitionTime = present?.status === status ? (present.lastTransitionTime ?? time) : time
    const next: Condition = { type, status, lastTransitionTime, reason, message }
    if (present === undefined) conditions.push(next)
    else Object.assign(present, next)
    if (this.#hpa.status !== undefined) this.#hpa.status.conditions = conditions
  }

  record(type: 'Normal' | 'Warning', reason: string, message: string): Promise<void> {
    return this.#context.api.recordEvent({ about: this.#hpa, type, reason, message, component: COMPONENT })
  }
}
