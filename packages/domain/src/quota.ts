import { z } from 'zod'

/** An amount of what quotas count. CPU in millicores, memory in MiB, instances in pods. */
export interface Resources {
  cpuMillis: number
  memoryMiB: number
  instances: number
}

/** A limit: null means "no limit" for that resource. */
export type ResourceLimits = { [K in keyof Resources]: number | null }

export const RESOURCE_KEYS = ['cpuMillis', 'memoryMiB', 'instances'] as const satisfies readonly (keyof Resources)[]

const amount = z.number().int().min(0).max(100_000_000)
export const resourceLimitsSchema = z.object({
  cpuMillis: amount.nullable(),
  memoryMiB: amount.nullable(),
  instances: amount.nullable(),
})

export const NO_RESOURCES: Resources = { cpuMillis: 0, memoryMiB: 0, instances: 0 }
export const UNLIMITED: ResourceLimits = { cpuMillis: null, memoryMiB: null, instances: null }

/** Sum of any number of amounts. */
export function addResources(...amounts: readonly Resources[]): Resources {
  const sum = { ...NO_RESOURCES }
  for (const each of amounts) for (const key of RESOURCE_KEYS) sum[key] += each[key]
  return sum
}

/** One resource that a change would take over its limit. */
export interface Shortage {
  resource: keyof Resources
  needed: number
  left: number
  limit: number
}

/** An amount with its unit, as people read it: "1500m CPU", "512 MiB memory", "3 instances". */
export function formatAmount(resource: keyof Resources, amount: number): string {
  switch (resource) {
    case 'cpuMillis':
      return `${amount}m CPU`
    case 'memoryMiB':
      return `${amount} MiB memory`
    case 'instances':
      return `${amount} ${amount === 1 ? 'instance' : 'instances'}`
  }
}

/** "needs 1500m CPU, 400m CPU left of 4000m CPU; needs …" */
export function describeShortages(shortages: readonly Shortage[]): string {
  return shortages
    .map(
      (s) =>
        `needs ${formatAmount(s.resource, s.needed)}, ${formatAmount(s.resource, s.left)} left of ${formatAmount(s.resource, s.limit)}`,
    )
    .join('; ')
}
