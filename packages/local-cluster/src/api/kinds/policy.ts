import type { KindRules } from '../core/strategy.ts'
import type { JsonObject } from '../objects.ts'
import { HorizontalPodAutoscalers, Leases, PodDisruptionBudgets, PriorityClasses } from '../resources.ts'
import { childObject, optionalObject, setDefault, startStatus } from './json.ts'
import { validateHorizontalPodAutoscaler } from './validate-autoscaling.ts'
import { validateDisruptionBudget, validateLease, validatePriorityClass } from './validate-policy.ts'
import { autoscalerCounts, validateBudgetStatus } from './validate-status.ts'

const startBudgetStatus = { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 }

export const podDisruptionBudgets: KindRules = {
  type: PodDisruptionBudgets,
  shortNames: ['pdb'],
  hasStatus: true,
  generation: 'spec',
  zero: { spec: {}, status: startBudgetStatus },
  prepareForCreate: (object) => startStatus(object, { ...startBudgetStatus }),
  validate: validateDisruptionBudget,
  validatePart: validateBudgetStatus,
}

export const horizontalPodAutoscalers: KindRules = {
  type: HorizontalPodAutoscalers,
  shortNames: ['hpa'],
  categories: ['all'],
  hasStatus: true,
  zero: { spec: { scaleTargetRef: {}, maxReplicas: 0 }, status: { desiredReplicas: 0, currentMetrics: null } },
  defaults(object) {
    const spec = childObject(object, 'spec')
    setDefault(spec, 'minReplicas', 1)
    if (spec.metrics === undefined) {
      const target = { type: 'Utilization', averageUtilization: 80 }
      spec.metrics = [{ type: 'Resource', resource: { name: 'cpu', target } }]
    }
    const behavior = optionalObject(spec, 'behavior')
    if (behavior !== null) defaultBehavior(behavior)
  },
  statusDefaults(object) {
    // Without omitempty in Go: always there.
    const status = optionalObject(object, 'status')
    if (status !== null) setDefault(status, 'currentMetrics', null)
  },
  prepareForCreate: (object) => startStatus(object, { desiredReplicas: 0, currentMetrics: null }),
  validate: validateHorizontalPodAutoscaler,
  validatePart: autoscalerCounts,
}

/** Reference: pkg/apis/autoscaling/v2/defaults.go. */
function defaultBehavior(behavior: JsonObject): void {
  const up = childObject(behavior, 'scaleUp')
  setDefault(up, 'stabilizationWindowSeconds', 0)
  setDefault(up, 'selectPolicy', 'Max')
  setDefault(up, 'policies', [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ])
  const down = childObject(behavior, 'scaleDown')
  setDefault(down, 'selectPolicy', 'Max')
  setDefault(down, 'policies', [{ type: 'Percent', value: 100, periodSeconds: 15 }])
}

export const leases: KindRules = { type: Leases, createsOnUpdate: true, zero: { spec: {} }, validate: validateLease }

export const priorityClasses: KindRules = {
  type: PriorityClasses,
  shortNames: ['pc'],
  generation: 'everything',
  zero: { value: 0 },
  defaults(object) {
    setDefault(object, 'preemptionPolicy', 'PreemptLowerPriority')
    setDefault(object, 'value', 0)
  },
  validate: validatePriorityClass,
}
