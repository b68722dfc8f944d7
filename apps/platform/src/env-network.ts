import { BlockList, isIP } from 'node:net'
import { z } from 'zod'
import { optional } from './env-routing.ts'

/** Ranges that have a name, as proxy-addr knows them. */
const NAMED_RANGES = {
  loopback: ['127.0.0.0/8', '::1/128'],
  linklocal: ['169.254.0.0/16', 'fe80::/10'],
  uniquelocal: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
} as const

const rangesOf = (entry: string): readonly string[] =>
  Object.hasOwn(NAMED_RANGES, entry) ? NAMED_RANGES[entry as keyof typeof NAMED_RANGES] : [entry]

function isRange(text: string): boolean {
  const [network = '', prefix, ...rest] = text.split('/')
  const family = isIP(network)
  if (family === 0 || rest.length > 0) return false
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128))
}

/** Whether one of the ranges holds an address: plain addresses, CIDR blocks and the names of NAMED_RANGES. */
export function createRangeTest(entries: readonly string[]): (address: string) => boolean {
  const list = new BlockList()
  for (const range of entries.flatMap(rangesOf)) {
    const [network = '', prefix] = range.split('/')
    const family = isIP(network) === 6 ? 'ipv6' : 'ipv4'
    list.addSubnet(network, prefix === undefined ? (family === 'ipv6' ? 128 : 32) : Number(prefix), family)
  }
  return (address) => {
    const family = isIP(address)
    return family !== 0 && list.check(address, family === 6 ? 'ipv6' : 'ipv4')
  }
}

const words = (text: string) => [...new Set(text.split(/[\s,]+/).filter((word) => word !== ''))]

const listOf = (isEntry: (entry: string) => boolean, message: string) =>
  optional(
    z
      .string()
      .transform(words)
      .refine((entries) => entries.every(isEntry), message),
  )

/** Variables that say whom of the network the platform trusts. */
export const networkVariables = {
  SLIPWAY_TRUSTED_PROXIES: listOf(
    (entry) => Object.hasOwn(NAMED_RANGES, entry) || isRange(entry),
    'must be a list of addresses and CIDR blocks such as 10.0.0.0/8, loopback, linklocal or uniquelocal',
  ),
  SLIPWAY_ALLOW_PRIVATE_FETCH: listOf(
    (entry) => Object.hasOwn(NAMED_RANGES, entry) || isRange(entry) || /^[\w.-]+$/.test(entry),
    'must be all, or a list of host names, addresses and CIDR blocks such as gitea.lan 192.168.0.0/16',
  ),
  SLIPWAY_VERIFY_DOMAINS: optional(z.enum(['always', 'contested'])),
  SLIPWAY_DNS_SERVERS: listOf(
    (server) => isIP(server.replace(/^\[|\](:\d+)?$|(?<=\.\d+):\d+$/g, '')) !== 0,
    'must be a list of addresses such as 1.1.1.1 or 192.0.2.1:5353',
  ),
}
const environmentSchema = z.object(networkVariables)

export interface NetworkSettings {
  /** Proxies whose X-Forwarded-* headers count, as proxy-addr takes them. */
  trustedProxies: readonly string[]
  /** Hosts and addresses off the public Internet that repositories may be fetched from; `all`: any. */
  privateFetch: readonly string[]
  /** Whether every host name has to be proven by DNS, or only one that another team has to do with. */
  verifyDomains: 'always' | 'contested'
  /** Name servers that are asked for proofs; none: those of the system. */
  dnsServers: readonly string[]
}

/**
 * On one machine the launcher is the proxy, and on loopback. On a cluster the ingress controller and the console have addresses of
 * its pods, which are private ones.
 */
export function networkSettings(
  env: z.infer<typeof environmentSchema>,
  clusterKind: 'local' | 'kubernetes',
): NetworkSettings {
  const proxies = env.SLIPWAY_TRUSTED_PROXIES ?? (clusterKind === 'local' ? [] : ['linklocal', 'uniquelocal'])
  return {
    trustedProxies: ['loopback', ...proxies.filter((entry) => entry !== 'loopback')],
    privateFetch: env.SLIPWAY_ALLOW_PRIVATE_FETCH ?? [],
    verifyDomains: env.SLIPWAY_VERIFY_DOMAINS ?? (clusterKind === 'local' ? 'contested' : 'always'),
    dnsServers: env.SLIPWAY_DNS_SERVERS ?? [],
  }
}

/** What one machine has that sets none of the variables. */
export const LOCAL_NETWORK: NetworkSettings = networkSettings({}, 'local')
