import type { KindRules } from '../core/strategy.ts'
import { HorizontalPodAutoscalers, Leases, PodDisruptionBudgets, PriorityClasses } from '../resources.ts'
import { childObject, setDefault, startStatus } from './json.ts'
import { validateDisruptionBudget, validateHorizontalPodAutoscaler, validateLease } from './validate-policy.ts'

const startBudgetStatus = { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 }

export const podDisruptionBudgets: KindRules = {
  type: PodDisruptionBudgets,
  shortNames: ['pdb'],
  hasStatus: true,
  generation: 'spec',
  zero: { spec: {}, status: startBudgetStatus },
  prepareForCreate: (object) => startStatus(object, { ...startBudgetStatus }),
  validate: validateDisruptionBudget,
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
  },
  prepareForCreate: (object) => startStatus(object, { desiredReplicas: 0, currentMetrics: null }),
  validate: validateHorizontalPodAutoscaler,
}

export const leases: KindRules = { type: Leases, createsOnUpdate: true, zero: { spec: {} }, validate: validateLease }

export const priorityClasses: KindRules = {
  type: PriorityClasses,
  shortNames: ['pc'],
  generation: 'everything',
  defaults: (object) => setDefault(object, 'preemptionPolicy', 'PreemptLowerPriority'),
}
