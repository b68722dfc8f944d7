import { startStatus } from '../../types/json.ts'
import { PodDisruptionBudgets } from '../../types/resources.ts'
import type { KindRules } from '../core/strategy.ts'
import { validateDisruptionBudget } from './validate-policy.ts'

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
