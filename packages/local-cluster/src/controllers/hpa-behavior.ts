import type { HorizontalPodAutoscaler, ScalingRules } from './hpa-objects.ts'

const DOWNSCALE_WINDOW_MS = 5 * 60_000

interface Change {
  atMs: number
  replicas: number
}

/** What was recommended and done of late, per autoscaler. It is lost on a restart, as in the real controller. */
export interface ScalingMemory {
  recommendations: Change[]
  ups: Change[]
  downs: Change[]
}
export const noMemory = (): ScalingMemory => ({ recommendations: [], ups: [], downs: [] })

export interface Said {
  type: 'AbleToScale' | 'ScalingLimited'
  status: 'True' | 'False'
  reason: string
  message: string
}

interface Wanted {
  current: number
  desired: number
  nowMs: number
}

/**
 * The replicas that may be set now: held steady over a window, changed as fast as the rules let it, within the limits.
 * Reference: normalizeDesiredReplicas(WithBehaviors) of pkg/controller/podautoscaler/horizontal.go.
 */
export function normalize(
  hpa: HorizontalPodAutoscaler,
  memory: ScalingMemory,
  wanted: Wanted,
): { replicas: number; said: Said[] } {
  const steady = stabilize(hpa, memory, wanted)
  const limited = limit(hpa, memory, { ...wanted, desired: steady.replicas })
  return { replicas: limited.replicas, said: [steady.said, limited.said] }
}

const able = (reason: string, message: string): Said => ({ type: 'AbleToScale', status: 'True', reason, message })
const READY = able('ReadyForNewScale', 'recommended size matches current size')
const LOWER = able(
  'ScaleUpStabilized',
  'recent recommendations were lower than current one, applying the lowest recent recommendation',
)
const HIGHER = able(
  'ScaleDownStabilized',
  'recent recommendations were higher than current one, applying the highest recent recommendation',
)

function stabilize(hpa: HorizontalPodAutoscaler, memory: ScalingMemory, { current, desired, nowMs }: Wanted) {
  const { behavior } = hpa.spec
  const upMs = (behavior?.scaleUp?.stabilizationWindowSeconds ?? 0) * 1000
  const downSeconds = behavior?.scaleDown?.stabilizationWindowSeconds
  const downMs = downSeconds === undefined ? DOWNSCALE_WINDOW_MS : downSeconds * 1000
  const within = (windowMs: number) =>
    memory.recommendations.filter(({ atMs }) => atMs > nowMs - windowMs).map(({ replicas }) => replicas)
  const lowest = Math.min(desired, ...within(upMs))
  const highest = Math.max(desired, ...within(downMs))
  memory.recommendations = memory.recommendations.filter(({ atMs }) => atMs > nowMs - Math.max(upMs, downMs))
  memory.recommendations.push({ atMs: nowMs, replicas: desired })
  // Without rules of its own an autoscaler goes to the highest of late, even above what there is.
  const replicas = behavior === undefined ? highest : Math.min(Math.max(current, lowest), highest)
  if (replicas === desired) return { replicas, said: READY }
  return { replicas, said: behavior !== undefined && desired >= current ? LOWER : HIGHER }
}

function limit(hpa: HorizontalPodAutoscaler, memory: ScalingMemory, { current, desired, nowMs }: Wanted) {
  const { minReplicas = 1, maxReplicas, behavior } = hpa.spec
  const said = (status: 'True' | 'False', reason: string, message: string): Said => ({
    type: 'ScalingLimited',
    status,
    reason,
    message,
  })
  if (desired > current) {
    const fastest = Math.max(current, mostReplicas(behavior?.scaleUp, memory, current, nowMs))
    const most = Math.min(fastest, maxReplicas)
    if (desired > most) {
      return fastest < maxReplicas
        ? {
            replicas: most,
            said: said(
              'True',
              'ScaleUpLimit',
              'the desired replica count is increasing faster than the maximum scale rate',
            ),
          }
        : {
            replicas: most,
            said: said('True', 'TooManyReplicas', 'the desired replica count is more than the maximum replica count'),
          }
    }
  } else if (desired < current) {
    const slowest = Math.min(current, leastReplicas(behavior?.scaleDown, memory, current, nowMs))
    const least = Math.max(slowest, minReplicas)
    if (desired < least) {
      return slowest > minReplicas
        ? {
            replicas: least,
            said: said(
              'True',
              'ScaleDownLimit',
              'the desired replica count is decreasing faster than the maximum scale rate',
            ),
          }
        : {
            replicas: least,
            said: said('True', 'TooFewReplicas', 'the desired replica count is less than the minimum replica count'),
          }
    }
  }
  return outOfRange(desired, minReplicas, maxReplicas, said)
}

function outOfRange(
  desired: number,
  least: number,
  most: number,
  said: (status: 'True' | 'False', reason: string, message: string) => Said,
) {
  if (desired < least) {
    const message = 'the desired replica count is less than the minimum replica count'
    return { replicas: least, said: said('True', 'TooFewReplicas', message) }
  }
  if (desired > most) {
    const message = 'the desired replica count is more than the maximum replica count'
    return { replicas: most, said: said('True', 'TooManyReplicas', message) }
  }
  const message = 'the desired count is within the acceptable range'
  return { replicas: desired, said: said('False', 'DesiredWithinRange', message) }
}

/** Replicas changed within the last seconds. */
const changedIn = (changes: readonly Change[], seconds: number, nowMs: number) =>
  changes.filter(({ atMs }) => atMs > nowMs - seconds * 1000).reduce((sum, { replicas }) => sum + replicas, 0)

function mostReplicas(rules: ScalingRules | undefined, memory: ScalingMemory, current: number, nowMs: number): number {
  // Without rules of its own an autoscaler may double, and always have four.
  if (rules === undefined) return Math.max(2 * current, 4)
  if (rules.selectPolicy === 'Disabled') return current
  const proposals = (rules.policies ?? []).map(({ type, value, periodSeconds }) => {
    const start = current - changedIn(memory.ups, periodSeconds, nowMs) + changedIn(memory.downs, periodSeconds, nowMs)
    return type === 'Pods' ? start + value : Math.ceil(start * (1 + value / 100))
  })
  return rules.selectPolicy === 'Min' ? Math.min(...proposals) : Math.max(...proposals)
}

function leastReplicas(rules: ScalingRules | undefined, memory: ScalingMemory, current: number, nowMs: number): number {
  if (rules === undefined) return 0
  if (rules.selectPolicy === 'Disabled') return current
  const proposals = (rules.policies ?? []).map(({ type, value, periodSeconds }) => {
    const start = current - changedIn(memory.ups, periodSeconds, nowMs) + changedIn(memory.downs, periodSeconds, nowMs)
    return type === 'Pods' ? start - value : Math.trunc(start * (1 - value / 100))
  })
  return rules.selectPolicy === 'Min' ? Math.max(...proposals) : Math.min(...proposals)
}

const LONGEST_PERIOD_MS = 1_800_000

/** Takes note of a change for the rules that limit its speed. */
export function rememberChange(memory: ScalingMemory, from: number, to: number, nowMs: number): void {
  const list = to > from ? memory.ups : memory.downs
  list.push({ atMs: nowMs, replicas: Math.abs(to - from) })
  memory.ups = memory.ups.filter(({ atMs }) => atMs > nowMs - LONGEST_PERIOD_MS)
  memory.downs = memory.downs.filter(({ atMs }) => atMs > nowMs - LONGEST_PERIOD_MS)
}
