import {
  type CapacityView,
  formatAmount,
  RESOURCE_KEYS,
  type ResourceLimits,
  type Resources,
  type StandingView,
} from '@slipway/domain'

export const RESOURCE_NAMES: Record<keyof Resources, string> = {
  cpuMillis: 'CPU',
  memoryMiB: 'Memory',
  instances: 'Instances',
}

const number = new Intl.NumberFormat('en', { maximumFractionDigits: 2 })

/** An amount in the unit that reads best: "1500m", "4 cores", "512 MiB", "1.5 GiB", "12". */
export function shortAmount(resource: keyof Resources, amount: number): string {
  switch (resource) {
    case 'cpuMillis':
      if (Math.abs(amount) < 1000) return `${amount}m`
      return `${number.format(amount / 1000)} ${amount === 1000 ? 'core' : 'cores'}`
    case 'memoryMiB':
      return Math.abs(amount) < 1024 ? `${amount} MiB` : `${number.format(amount / 1024)} GiB`
    case 'instances':
      return number.format(amount)
  }
}

/** What a bar is a part of: an allocation, the team's quota, or where nothing was set what the cluster's nodes hold. */
export type Whole = 'environment' | 'team' | 'cluster'

/** One resource of a standing, ready to be drawn. Amounts are in the resource's own unit. */
export interface UsageLine {
  resource: keyof Resources
  reserved: number
  surge: number
  /** Taken beside that: by others, or set aside by allocations. */
  elsewhere: number
  /** Measured; null where it is not. */
  used: number | null
  /** Null where neither a limit nor the cluster's capacity is known. */
  free: number | null
  total: number | null
  whole: Whole
  /** All of it in one sentence, for screen readers. */
  text: string
}

function wholeOf(standing: StandingView, resource: keyof Resources, capacity: CapacityView | null) {
  const { level, limit, taken, free } = standing.bounds[resource]
  if (level !== null && limit !== null) return { whole: level, total: limit, taken, free: free ?? 0 }
  if (!capacity) return { whole: 'cluster' as const, total: null, taken: 0, free: null }
  const [total, held] = [capacity.allocatable[resource], capacity.reserved[resource]]
  return { whole: 'cluster' as const, total, taken: held, free: Math.max(0, total - held) }
}

/** The three lines of a quota. */
export function usageLines(standing: StandingView, capacity: CapacityView | null): UsageLine[] {
  return RESOURCE_KEYS.map((resource) => {
    const { whole, total, taken, free } = wholeOf(standing, resource, capacity)
    const [reserved, surge] = [standing.reserved[resource], standing.surge[resource]]
    const used = standing.used?.[resource] ?? null
    const words = [
      `${formatAmount(resource, reserved)} reserved`,
      ...(surge > 0 ? [`${formatAmount(resource, surge)} more while releases roll out`] : []),
      used === null ? 'use not measured' : `${formatAmount(resource, used)} used`,
      ...(free === null || total === null
        ? []
        : [`${formatAmount(resource, free)} free of ${formatAmount(resource, total)}`]),
    ]
    const elsewhere = Math.max(0, taken - reserved - surge)
    return { resource, reserved, surge, elsewhere, used, free, total, whole, text: words.join('; ') }
  })
}

/** What is typed into a limit: a whole number, or nothing for no limit. Undefined when it is neither. */
export function parseLimit(text: string): number | null | undefined {
  const trimmed = text.trim()
  if (trimmed === '') return null
  return /^\d{1,9}$/.test(trimmed) ? Number(trimmed) : undefined
}

/** Limits as they are typed. */
export function limitTexts(limits: ResourceLimits): Record<keyof Resources, string> {
  const text = (key: keyof Resources) => (limits[key] === null ? '' : String(limits[key]))
  return { cpuMillis: text('cpuMillis'), memoryMiB: text('memoryMiB'), instances: text('instances') }
}
