import { parseCpuMillis, parseMemoryMiB, parseQuantity, type Resources, type Shortage } from '@slipway/domain'
import type { Container, Pod } from 'kubernetes-types/core/v1.d.ts'

/** Which of the domain's resources a key of a ResourceQuota counts. */
const COUNTED: Record<string, keyof Resources> = {
  cpu: 'cpuMillis',
  'requests.cpu': 'cpuMillis',
  'limits.cpu': 'cpuMillis',
  memory: 'memoryMiB',
  'requests.memory': 'memoryMiB',
  'limits.memory': 'memoryMiB',
  pods: 'instances',
  'count/pods': 'instances',
}

function amountOf(resource: keyof Resources, quantity: string): number | null {
  switch (resource) {
    case 'cpuMillis':
      return parseCpuMillis(quantity)
    case 'memoryMiB':
      return parseMemoryMiB(quantity)
    case 'instances':
      return parseQuantity(quantity)
  }
}

/** "pods=1,requests.cpu=200m" → its pairs. */
function pairs(list: string | undefined): Map<string, string> {
  const entries = (list ?? '').split(',').map((pair) => pair.trim().split('='))
  return new Map(entries.flatMap(([key, value]) => (key && value ? [[key, value] as const] : [])))
}

/** The three lists of an "exceeded quota" message. Reference: the admission plugin ResourceQuota. */
function partsOf(message: string) {
  const parts = /requested: (\S+), used: (\S+), limited: (\S+)/.exec(message)
  return { requested: pairs(parts?.[1]), used: pairs(parts?.[2]), limited: pairs(parts?.[3]) }
}

/** The shortages that an "exceeded quota" message tells, one for each resource. */
export function shortagesOf(message: string): Shortage[] {
  const { requested, used, limited } = partsOf(message)
  const found = new Map<keyof Resources, Shortage>()
  for (const [key, quantity] of requested) {
    const resource = COUNTED[key]
    if (!resource || found.has(resource)) continue
    const needed = amountOf(resource, quantity)
    const limit = amountOf(resource, limited.get(key) ?? '')
    const taken = amountOf(resource, used.get(key) ?? '')
    if (needed === null || limit === null || taken === null || needed <= limit - taken) continue
    found.set(resource, { resource, needed, left: Math.max(0, limit - taken), limit })
  }
  return [...found.values()]
}

/** What one pod counts under a quota's key; null for keys that are not about pods' own amounts. */
function usageOf(pod: Pod, key: string): number | null {
  if (key === 'pods' || key === 'count/pods') return 1
  const match = /^(?:(requests|limits)\.)?(cpu|memory)$/.exec(key)
  if (!match) return null
  const amount = ({ resources }: Container) =>
    parseQuantity(resources?.[match[1] === 'limits' ? 'limits' : 'requests']?.[match[2] ?? ''] ?? '0') ?? 0
  const together = (pod.spec?.containers ?? []).reduce((sum, each) => sum + amount(each), 0)
  return Math.max(together, ...(pod.spec?.initContainers ?? []).map(amount))
}

/**
 * True when what an "exceeded quota" message refused fits by now, or will once the pods that stop are gone: then the
 * ReplicaSet's next try, which comes with a growing delay, goes through. `pods` are those of the namespace.
 */
export function fitsByNow(message: string, pods: readonly Pod[]): boolean {
  const { requested, limited } = partsOf(message)
  const staying = pods.filter(
    ({ metadata, status }) =>
      !metadata?.deletionTimestamp && status?.phase !== 'Succeeded' && status?.phase !== 'Failed',
  )
  const fits = [...requested].map(([key, quantity]) => {
    const [needed, limit] = [parseQuantity(quantity), parseQuantity(limited.get(key) ?? '')]
    if (needed === null || limit === null) return false
    const amounts = staying.map((pod) => usageOf(pod, key))
    // 1e-6: a thousandth of a millicore, for sums of fractions.
    return amounts.reduce<number>((sum, each) => sum + (each ?? Number.POSITIVE_INFINITY), needed) <= limit + 1e-6
  })
  return fits.length > 0 && fits.every(Boolean)
}
