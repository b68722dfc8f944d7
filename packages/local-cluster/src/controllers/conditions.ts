import type { Condition } from '../types/condition.ts'

/**
 * Sets one condition in a list. The time of the transition moves only when the status changes; a condition that says the
 * same stays as it is. Returns the same list where nothing changed.
 */
export function setCondition(conditions: readonly Condition[], next: Condition, now: string): readonly Condition[] {
  const present = conditions.find((condition) => condition.type === next.type)
  if (present?.status === next.status && present.reason === next.reason && present.message === next.message) {
    return conditions
  }
  const lastTransitionTime = present?.status === next.status ? (present.lastTransitionTime ?? now) : now
  const merged = { ...next, lastTransitionTime }
  // Kubernetes puts a condition that changed at the end of the list.
  return [...conditions.filter((condition) => condition.type !== next.type), merged]
}

export function removeCondition(conditions: readonly Condition[], type: string): readonly Condition[] {
  return conditions.some((condition) => condition.type === type)
    ? conditions.filter((condition) => condition.type !== type)
    : conditions
}
