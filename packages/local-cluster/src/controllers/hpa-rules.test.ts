import { expect, test } from 'vitest'
import { noMemory, normalize, rememberChange, type ScalingMemory } from './hpa-behavior.ts'
import type { HorizontalPodAutoscaler, MetricTarget, ScalingRules } from './hpa-objects.ts'
import { type Answer, replicasFor } from './hpa-replicas.ts'
import type { Pod } from './objects.ts'

/** Outcomes worked out by the rules of pkg/controller/podautoscaler: horizontal.go and replica_calculator.go of 1.36. */

const START = Date.parse('2026-01-01T00:00:00Z')

function hpa(limits: [number, number], behavior?: { scaleUp?: ScalingRules; scaleDown?: ScalingRules }) {
  const spec = { minReplicas: limits[0], maxReplicas: limits[1], ...(behavior === undefined ? {} : { behavior }) }
  return { spec } as HorizontalPodAutoscaler
}

/** Number of replicas and the two reasons, after another second for each of `desired`. */
function go(object: HorizontalPodAutoscaler, memory: ScalingMemory, current: number, desired: number, second: number) {
  const nowMs = START + second * 1000
  const { replicas, said } = normalize(object, memory, { current, desired, nowMs })
  if (replicas !== current) rememberChange(memory, current, replicas, nowMs)
  return [replicas, ...said.map(({ reason }) => reason)]
}

test('without rules: five minutes of the highest, twice as many at once but four always', () => {
  const [memory, object] = [noMemory(), hpa([2, 20])]
  expect(go(object, memory, 1, 9, 0)).toEqual([4, 'ReadyForNewScale', 'ScaleUpLimit'])
  expect(go(object, memory, 6, 30, 1)).toEqual([12, 'ReadyForNewScale', 'ScaleUpLimit'])
  expect(go(object, memory, 12, 30, 2)).toEqual([20, 'ReadyForNewScale', 'TooManyReplicas'])
  expect(go(object, memory, 20, 1, 3)).toEqual([20, 'ScaleDownStabilized', 'TooManyReplicas'])
  expect(go(object, memory, 20, 1, 303)).toEqual([2, 'ReadyForNewScale', 'TooFewReplicas'])
  expect(go(object, noMemory(), 5, 3, 0)).toEqual([3, 'ReadyForNewScale', 'DesiredWithinRange'])
  // What was recommended holds even where somebody took replicas away by hand.
  const held = noMemory()
  go(object, held, 6, 6, 0)
  expect(go(object, held, 2, 3, 1)).toEqual([4, 'ScaleDownStabilized', 'ScaleUpLimit'])
})

const pods = (value: number, periodSeconds = 60) => ({ type: 'Pods' as const, value, periodSeconds })
const percent = (value: number, periodSeconds = 60) => ({ type: 'Percent' as const, value, periodSeconds })
const now = { stabilizationWindowSeconds: 0 }
const free = { ...now, selectPolicy: 'Max' as const, policies: [percent(1000, 1)] }

test('the window for scaling up waits for the lowest, the one for scaling down for the highest', () => {
  const up = hpa([1, 20], { scaleUp: { ...free, stabilizationWindowSeconds: 10 }, scaleDown: free })
  const memory = noMemory()
  expect(go(up, memory, 2, 2, 0)).toEqual([2, 'ReadyForNewScale', 'DesiredWithinRange'])
  expect(go(up, memory, 2, 8, 5)).toEqual([2, 'ScaleUpStabilized', 'DesiredWithinRange'])
  expect(go(up, memory, 2, 9, 11)).toEqual([8, 'ScaleUpStabilized', 'DesiredWithinRange'])
  const down = hpa([1, 20], { scaleUp: free, scaleDown: { ...free, stabilizationWindowSeconds: 10 } })
  const other = noMemory()
  expect(go(down, other, 9, 9, 0)).toEqual([9, 'ReadyForNewScale', 'DesiredWithinRange'])
  expect(go(down, other, 9, 4, 5)).toEqual([9, 'ScaleDownStabilized', 'DesiredWithinRange'])
  expect(go(down, other, 9, 3, 11)).toEqual([4, 'ScaleDownStabilized', 'DesiredWithinRange'])
})

test('policies: the largest change, the smallest, or none', () => {
  const both = [pods(4), percent(50)]
  const rules = (selectPolicy: 'Max' | 'Min' | 'Disabled') => ({ ...now, selectPolicy, policies: both })
  const at = (policy: 'Max' | 'Min' | 'Disabled', current: number, desired: number) =>
    go(hpa([1, 50], { scaleUp: rules(policy), scaleDown: rules(policy) }), noMemory(), current, desired, 0)
  expect(at('Max', 5, 40)).toEqual([9, 'ReadyForNewScale', 'ScaleUpLimit'])
  expect(at('Min', 5, 40)).toEqual([8, 'ReadyForNewScale', 'ScaleUpLimit'])
  expect(at('Disabled', 5, 40)).toEqual([5, 'ReadyForNewScale', 'ScaleUpLimit'])
  expect(at('Max', 10, 1)).toEqual([5, 'ReadyForNewScale', 'ScaleDownLimit'])
  expect(at('Min', 7, 1)).toEqual([3, 'ReadyForNewScale', 'ScaleDownLimit'])
  expect(at('Disabled', 10, 1)).toEqual([10, 'ReadyForNewScale', 'ScaleDownLimit'])
  expect(at('Max', 45, 60)).toEqual([50, 'ReadyForNewScale', 'TooManyReplicas'])
  expect(at('Max', 3, 0)).toEqual([1, 'ReadyForNewScale', 'TooFewReplicas'])
})

test('a policy counts what was done within its period', () => {
  const rules = { ...now, selectPolicy: 'Max' as const, policies: [pods(2)] }
  const [memory, object] = [noMemory(), hpa([1, 50], { scaleUp: rules, scaleDown: rules })]
  expect(go(object, memory, 4, 40, 0)).toEqual([6, 'ReadyForNewScale', 'ScaleUpLimit'])
  expect(go(object, memory, 6, 40, 30)).toEqual([6, 'ReadyForNewScale', 'ScaleUpLimit'])
  // What was added within the period may go again, and two more.
  expect(go(object, memory, 6, 1, 40)).toEqual([2, 'ReadyForNewScale', 'ScaleDownLimit'])
  expect(go(object, memory, 2, 40, 61)).toEqual([8, 'ReadyForNewScale', 'ScaleUpLimit'])
})

type Use = number | 'missing' | 'unready' | 'failed' | 'fresh'

/** Pods that each request 100m, with their use in millicores; ready for ten minutes. */
function measure(uses: readonly Use[], target: Partial<MetricTarget>, more: object = {}): Answer {
  const at = (minutes: number) => new Date(START - minutes * 60_000).toISOString()
  const all = uses.map((use, index) => {
    const changed = use === 'fresh' ? 0 : 10
    const ready = { type: 'Ready', status: use === 'unready' ? 'False' : 'True', lastTransitionTime: at(changed) }
    const phase = use === 'failed' ? 'Failed' : use === 'unready' ? 'Pending' : 'Running'
    const containers = [{ name: 'app', resources: { requests: { cpu: '100m', memory: '1Mi' } } }]
    const status = { phase, startTime: at(use === 'fresh' ? 1 : 10), conditions: [ready] }
    return { metadata: { name: `pod-${index}` }, spec: { containers }, status } as unknown as Pod
  })
  const measured = uses.flatMap((use, index) =>
    use === 'missing' || use === 'unready'
      ? []
      : [
          {
            namespace: 'test',
            name: `pod-${index}`,
            containers: [{ name: 'app', cpuNanoCores: (typeof use === 'number' ? use : 500) * 1e6, memoryBytes: 1536 }],
          },
        ],
  )
  const usage = { nodeName: 'n', timestampMs: START, windowMs: 15_000, node: { cpuNanoCores: 0, memoryBytes: 0 } }
  const question = {
    resource: 'cpu',
    target: target as MetricTarget,
    currentReplicas: uses.length,
    tolerances: { down: 0.1, up: 0.1 },
    nowMs: START,
    ...more,
  }
  return replicasFor(question, all, { ...usage, pods: measured })
}

const half = { type: 'Utilization' as const, averageUtilization: 50 }
const amount = { type: 'AverageValue' as const, averageValue: '50m' }

test('replicas that bring the use to the target, rounded up; a small difference is none', () => {
  expect(measure([100, 100], half)).toEqual({ replicas: 4, averageMilli: 100, utilization: 100 })
  expect(measure([55, 55], half).replicas).toBe(2)
  expect(measure([56, 56], half).replicas).toBe(3)
  expect(measure([44, 44, 44], half).replicas).toBe(3)
  expect(measure([10, 10, 10, 10], half).replicas).toBe(1)
  expect(measure([100, 100], amount)).toEqual({ replicas: 4, averageMilli: 100 })
  expect(measure([52, 52], half, { tolerances: { down: 0.1, up: 0.01 } }).replicas).toBe(3)
})

test('pods that are not measured make a change smaller and never turn it round', () => {
  expect(measure([200, 'missing'], half).replicas).toBe(4)
  expect(measure([60, 'missing'], half).replicas).toBe(2)
  expect(measure([10, 10, 10, 'missing'], half).replicas).toBe(3)
  expect(measure([10, 10, 10, 'missing'], amount).replicas).toBe(2)
  expect(measure([50, 'missing'], half).replicas).toBe(2)
})

test('pods that start count as idle when scaling up, and not at all when scaling down', () => {
  expect(measure([200, 'unready'], half).replicas).toBe(4)
  expect(measure([200, 'fresh'], half).replicas).toBe(4)
  expect(measure([10, 10, 'unready'], half).replicas).toBe(1)
  expect(measure([200, 'failed'], half).replicas).toBe(4)
  const none = 'did not receive metrics for targeted pods (pods might be unready)'
  expect(() => measure(['fresh', 'unready'], half)).toThrow(none)
  expect(() => measure([], half)).toThrow('no pods returned by selector while calculating replica count')
})

test('a container by its name, and requests that must be there', () => {
  expect(measure([100, 100], half, { container: 'app' }).replicas).toBe(4)
  expect(() => measure([100], half, { container: 'log' })).toThrow('did not receive metrics for targeted pods')
  expect(() => measure([100], half, { resource: 'ephemeral-storage' })).toThrow(
    'missing request for ephemeral-storage in container app of Pod pod-0',
  )
})
