import { describeShortages, type Resources, type Shortage } from '@slipway/domain'
import { quote } from './finding.ts'

/** Why the API server refused a pod, as the rest of "The web process can not start another instance: …". */
export interface Refusal {
  reason: 'QuotaExceeded' | 'PodSecurity' | 'FailedCreate'
  clause: string
  action: string
}

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

const FACTORS: Record<string, number> = {
  m: 1e-3, '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40,
} // biome-ignore format: one table

/** A Kubernetes quantity as a plain number, or null. Reference: apimachinery/pkg/api/resource. */
function parseQuantity(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)(m|[kMGT]|[KMGT]i)?$/.exec(text)
  const factor = match ? FACTORS[match[2] ?? ''] : undefined
  return match && factor !== undefined ? Number(match[1]) * factor : null
}

function amountOf(resource: keyof Resources, quantity: string): number | null {
  const plain = parseQuantity(quantity)
  if (plain === null) return null
  if (resource === 'cpuMillis') return Math.round(plain * 1000)
  return resource === 'memoryMiB' ? Math.ceil(plain / 2 ** 20) : plain
}

/** "pods=1,requests.cpu=200m" → its pairs. */
function pairs(list: string | undefined): Map<string, string> {
  const entries = (list ?? '').split(',').map((pair) => pair.trim().split('='))
  return new Map(entries.flatMap(([key, value]) => (key && value ? [[key, value] as const] : [])))
}

/** The shortages that an "exceeded quota" message tells, one for each resource. */
function shortagesOfMessage(message: string): Shortage[] {
  const parts = /requested: (\S+), used: (\S+), limited: (\S+)/.exec(message)
  const [requested, used, limited] = [pairs(parts?.[1]), pairs(parts?.[2]), pairs(parts?.[3])]
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

/** What a ReplicaFailure condition's message means. Reference: the admission plugins ResourceQuota and PodSecurity. */
export function refusalOf(message: string): Refusal {
  const said = message.replace(/^pods? "[^"]*" is forbidden: /, '')
  if (message.includes('exceeded quota')) {
    const shortages = shortagesOfMessage(message)
    return {
      reason: 'QuotaExceeded',
      clause: `the quota of its environment is used up: ${shortages.length > 0 ? describeShortages(shortages) : quote(said)}`,
      action: 'Scale something down, choose a smaller size, or ask a team admin for a larger allocation.',
    }
  }
  if (message.includes('violates PodSecurity')) {
    return {
      reason: 'PodSecurity',
      clause: `the Pod Security level of its namespace does not admit it: ${quote(said.replace(/ \((?:pod or )?containers? [^)]*\)/g, ''))}`,
      action: 'Use an image that runs as a user other than root, or have an operator lower the level of the namespace.',
    }
  }
  return {
    reason: 'FailedCreate',
    clause: `the cluster refuses it: ${quote(said)}`,
    action: 'Read what the cluster says and change what it refuses, or ask an operator of the cluster.',
  }
}
