/** Health of anything that runs, worst last where they are combined. */
export const HEALTH_STATUSES = ['Healthy', 'Suspended', 'Progressing', 'Unknown', 'Missing', 'Degraded'] as const
export type HealthStatus = (typeof HEALTH_STATUSES)[number]

/**
 * Health with its reason. `reason` is a CamelCase word for programs (`CrashLoopBackOff`), `message` one plain sentence
 * for people, `action` what to do about it (null when nothing is to be done).
 */
export interface Health {
  status: HealthStatus
  reason: string
  message: string
  action: string | null
}

/** The worse of two, by the order of HEALTH_STATUSES; the first where they are equal. */
export function worseHealth(a: Health, b: Health): Health {
  return HEALTH_STATUSES.indexOf(b.status) > HEALTH_STATUSES.indexOf(a.status) ? b : a
}
