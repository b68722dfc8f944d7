/**
 * How a release takes over from the one before it. `rolling`: instance by instance. `recreate`: the old ones end first.
 * `blue_green`: all of the new ones stand before the requests are switched. `canary`: the requests are shifted in steps.
 */
export type RolloutStrategy = 'rolling' | 'recreate' | 'blue_green' | 'canary'

/** What the candidate gets, and for how long before the next step. */
export interface RolloutStep {
  /** Percent of the requests. */
  weight: number
  /** Percent of the app's instances that the candidate runs meanwhile. */
  share: number
  /** Null: until somebody resumes. */
  pauseMs: number | null
}

export interface RolloutPlan {
  strategy: RolloutStrategy
  /** Before the last one, in which the candidate gets everything. Empty where nothing runs beside what is live. */
  steps: readonly RolloutStep[]
  /**
   * Requests are shared by the number of instances, because the route has no weights: what the candidate gets, the stable track runs
   * less of. Otherwise it keeps all its instances, so that an abort starts none.
   */
  byInstances: boolean
  /** Without progress for so long it has failed; null: the cluster decides, as a Deployment does by itself. */
  deadlineMs: number | null
}

const ALL: RolloutStep = { weight: 100, share: 100, pauseMs: 0 }

/** One track: what the cluster's own rolling update does. */
export const ROLLING: RolloutPlan = { strategy: 'rolling', steps: [], byInstances: false, deadlineMs: null }

/** Whether the strategy runs the new release beside the old one. */
export function runsBeside({ strategy }: RolloutPlan): boolean {
  switch (strategy) {
    case 'rolling':
    case 'recreate':
      return false
    case 'blue_green':
    case 'canary':
      return true
  }
}

/** The step of this index; after the plan's own the one in which the candidate gets everything. */
export function stepOf({ steps }: RolloutPlan, index: number): RolloutStep {
  return steps[index] ?? ALL
}

/** True for the step after the plan's own. */
export function isLastStep({ steps }: RolloutPlan, index: number): boolean {
  return index >= steps.length
}
