import { scaleSelector } from '../api/core/scale-view.ts'
import { Pods } from '../api/resources.ts'
import { timestamp } from '../times.ts'
import { normalize, rememberChange, type ScalingMemory } from './hpa-behavior.ts'
import { type Proposal, propose } from './hpa-metrics.ts'
import { type HorizontalPodAutoscaler, MetricError, type MetricStatus } from './hpa-objects.ts'
import { findTarget, type ScaleTarget } from './hpa-target.ts'
import { type ControllerContext, keyOf } from './kind-controller.ts'
import type { Condition, Pod } from './objects.ts'
import type { SelectorIndex } from './selector-index.ts'

const COMPONENT = 'horizontal-pod-autoscaler'
type Judged = HorizontalPodAutoscaler & { status: NonNullable<HorizontalPodAutoscaler['status']> }

/** One look at one autoscaler; the caller writes `hpa.status`. Reference: reconcileAutoscaler of the real controller. */
export class Look {
  readonly hpa: Judged
  readonly #context: ControllerContext
  readonly #memory: ScalingMemory
  /** What the targets of all autoscalers select. */
  readonly #selectors: SelectorIndex
  /** Events that come after the status. */
  readonly complaints: [string, string][] = []

  constructor(context: ControllerContext, hpa: Judged, memory: ScalingMemory, selectors: SelectorIndex) {
    this.#context = context
    this.hpa = hpa
    this.#memory = memory
    this.#selectors = selectors
  }

  async run(): Promise<void> {
    const { minReplicas = 1, maxReplicas } = this.hpa.spec
    const target = await findTarget(this.#context.api, this.hpa)
    if (typeof target === 'string') {
      await this.record('Warning', 'FailedGetScale', target)
      const message = `the HPA controller was unable to get the target's current scale: ${target}`
      return this.#say('AbleToScale', 'False', 'FailedGetScale', message)
    }
    const found = "the HPA controller was able to get the target's current scale"
    this.#say('AbleToScale', 'True', 'SucceededGetScale', found)
    const current = target.object.spec.replicas ?? 1
    if (this.#memory.recommendations.length === 0) {
      this.#memory.recommendations.push({ atMs: this.#context.now(), replicas: current })
    }
    if (current === 0) {
      const message = 'scaling is disabled since the replica count of the target is zero'
      this.#say('ScalingActive', 'False', 'ScalingDisabled', message)
      this.#setCounts(current, 0, null)
    } else if (current > maxReplicas) {
      await this.#scale(target, current, maxReplicas, 'Current number of replicas above Spec.MaxReplicas', null)
    } else if (current < minReplicas) {
      await this.#scale(target, current, minReplicas, 'Current number of replicas below Spec.MinReplicas', null)
    } else await this.#byMetrics(target, current)
  }

  async #byMetrics(target: ScaleTarget, current: number): Promise<void> {
    const pods = await this.#pods(target, current)
    if (pods === null) return
    const { metrics = [] } = this.hpa.spec
    const proposals: Proposal[] = []
    const statuses: MetricStatus[] = []
    const errors: MetricError[] = []
    for (const metric of metrics) {
      try {
        const proposal = await propose(this.#context, this.hpa, metric, { pods, replicas: current })
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
      const summary = `invalid metrics (${errors.length} invalid out of ${metrics.length}), first error is: ${first.summary}`
      return this.#giveUp(current, statuses, summary)
    }
    if (best === undefined) return
    const valid = `the HPA was able to successfully calculate a replica count from ${best.name}`
    this.#say('ScalingActive', 'True', 'ValidMetricFound', valid)
    const wanted = { current, desired: best.replicas, nowMs: this.#context.now() }
    const { replicas, said } = normalize(this.hpa, this.#memory, wanted)
    for (const { type, status, reason, message } of said) this.#say(type, status, reason, message)
    const why = best.replicas > current ? `${best.name} above target` : 'All metrics below target'
    await this.#scale(target, current, replicas, why, statuses)
  }

  /** The pods that the target selects; null where another autoscaler's target selects one of them, too. */
  async #pods({ object }: ScaleTarget, current: number): Promise<Pod[] | null> {
    const { selector } = object.spec
    this.#selectors.set(keyOf(this.hpa), selector)
    const { namespace = '' } = this.hpa.metadata
    const { items } = await this.#context.api.list<Pod>(Pods, { namespace, selector })
    const autoscalers = [...new Set(items.flatMap((pod) => this.#selectors.keysFor(pod, null)))].sort()
    if (autoscalers.length <= 1) return items
    const all = autoscalers.join(' ')
    const message = `pods by selector ${scaleSelector(object)} are controlled by multiple HPAs: [${all}]`
    await this.record('Warning', 'AmbiguousSelector', message)
    this.#say('ScalingActive', 'False', 'AmbiguousSelector', message)
    this.#giveUp(current, null, message)
    return null
  }

  #giveUp(current: number, metrics: MetricStatus[] | null, summary: string): void {
    this.#setCounts(current, this.hpa.status.desiredReplicas, metrics)
    this.complaints.push(['FailedComputeMetricsReplicas', summary])
  }

  async #scale(
    { type, object }: ScaleTarget,
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
        return this.#setCounts(current, this.hpa.status.desiredReplicas, metrics)
      }
      const message = `the HPA controller was able to update the target scale to ${replicas}`
      this.#say('AbleToScale', 'True', 'SucceededRescale', message)
      await this.record('Normal', 'SuccessfulRescale', about)
      rememberChange(this.#memory, current, replicas, this.#context.now())
      this.hpa.status.lastScaleTime = timestamp(this.#context.now())
    }
    this.#setCounts(current, replicas, metrics)
  }

  #setCounts(current: number, desired: number, metrics: MetricStatus[] | null): void {
    const { status } = this.hpa
    if (current === 0) delete status.currentReplicas
    else status.currentReplicas = current
    status.desiredReplicas = desired
    status.currentMetrics = metrics
  }

  /** Sets a condition where it stands; its time moves with its status only. */
  #say(type: string, status: 'True' | 'False', reason: string, message: string): void {
    const conditions = this.hpa.status.conditions ?? []
    const present = conditions.find((condition) => condition.type === type)
    const time = timestamp(this.#context.now())
    const lastTransitionTime = present?.status === status ? (present.lastTransitionTime ?? time) : time
    const next: Condition = { type, status, lastTransitionTime, reason, message }
    if (present === undefined) conditions.push(next)
    else Object.assign(present, next)
    this.hpa.status.conditions = conditions
  }

  record(type: 'Normal' | 'Warning', reason: string, message: string): Promise<void> {
    return this.#context.api.recordEvent({ about: this.hpa, type, reason, message, component: COMPONENT })
  }
}
