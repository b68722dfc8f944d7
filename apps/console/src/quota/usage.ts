import { formatAmount, RESOURCE_KEYS, type ResourceLimits, type Resources, type UsageView } from '@slipway/domain'

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

/** As `shortAmount`, with a word for "no limit". */
export function shortLimit(resource: keyof Resources, limit: number | null): string {
  return limit === null ? 'no limit' : shortAmount(resource, limit)
}

export interface UsageLine {
  resource: keyof Resources
  used: number
  reserved: number
  limit: number | null
  left: number | null
  /** Parts of the limit, 0 to 1 or more; 0 where there is no limit. */
  usedShare: number
  reservedShare: number
  /** All of it in one sentence, for screen readers. */
  text: string
}

const share = (amount: number, limit: number | null) =>
  limit === null ? 0 : limit === 0 ? (amount > 0 ? 1 : 0) : amount / limit

/** The three lines of a quota, ready to be drawn. */
export function usageLines(usage: UsageView): UsageLine[] {
  return RESOURCE_KEYS.map((resource) => {
    const limit = usage.limits[resource]
    const used = usage.used[resource]
    const reserved = usage.reserved[resource]
    const of = limit === null ? ', no limit' : ` of ${formatAmount(resource, limit)}`
    return {
      resource,
      used,
      reserved,
      limit,
      left: usage.left[resource],
      usedShare: share(used, limit),
      reservedShare: share(reserved, limit),
      text: `${formatAmount(resource, reserved)} reserved${of}; ${formatAmount(resource, used)} in use`,
    }
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
