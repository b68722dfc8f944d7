/** Health of anything that runs, worst last where they are combined. */
export const HEALTH_STATUSES = ['Healthy', 'Suspended', 'Progressing', 'Unknown', 'Missing', 'Degraded'] as const
export type HealthStatus = (typeof HEALTH_STATUSES)[number]
