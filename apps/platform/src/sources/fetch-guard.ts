import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { AppError } from '@slipway/domain'
import { createRangeTest } from '../env-network.ts'

/** Decides which addresses of other people's naming may be asked. */
export interface FetchGuard {
  /**
   * Resolves a host once and checks every address that it has.
   * @throws AppError forbidden where one of them is not public and not allowed; `unavailable` where the name has none
   */
  addressesOf(url: URL): Promise<string[]>
}

/** IPv4 networks that are nobody's on the Internet (IANA special-purpose registry), multicast and the old class E. */
const NOT_PUBLIC_V4 = [
  '0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24', '192.0.2.0/24',
  '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4',
] // biome-ignore format: one list

/** Inside 2000::/3, outside of which IPv6 has no public addresses: Teredo and its like, documentation, 6to4. */
const NOT_PUBLIC_V6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']

const isSpecialV4 = createRangeTest(NOT_PUBLIC_V4)
const isSpecialV6 = createRangeTest(NOT_PUBLIC_V6)
const isGlobalV6 = createRangeTest(['2000::/3'])

/** Whether an address is one of the public Internet. Those that wrap an IPv4 address (mapped, NAT64, 6to4) are not. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address)
  if (family === 4) return !isSpecialV4(address)
  return family === 6 && isGlobalV6(address) && !isSpecialV6(address)
}

/** Longer than any resolver should take. */
const LOOKUP_TIMEOUT_MS = 10_000
const MAX_ADDRESSES = 16

const plainName = (hostname: string) =>
  hostname
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase()

/**
 * `allowed` is SLIPWAY_ALLOW_PRIVATE_FETCH: `all`, names of ranges, CIDR blocks, addresses, and names of hosts that are trusted
 * whatever they resolve to.
 */
export function createFetchGuard(allowed: readonly string[]): FetchGuard {
  const ranges = allowed.filter(isRangeOrName)
  const hosts = new Set(allowed.filter((entry) => !isRangeOrName(entry)).map(plainName))
  const isAllowedRange = createRangeTest(ranges)
  const allowsAll = hosts.delete('all')
  return {
    async addressesOf(url) {
      const name = plainName(url.hostname)
      const addresses = isIP(name) === 0 ? await resolve(name) : [name]
      const refused = addresses.find((address) => !isPublicAddress(address) && !isAllowedRange(address))
      if (refused !== undefined && !allowsAll && !hosts.has(name)) throw refusal(name, refused)
      return addresses
    },
  }
}

function isRangeOrName(entry: string): boolean {
  return ['loopback', 'linklocal', 'uniquelocal'].includes(entry) || isIP(entry.split('/')[0] ?? '') !== 0
}

async function resolve(name: string): Promise<string[]> {
  const timer = new Promise<never>((_resolve, reject) => {
    setTimeout(() => reject(new Error('timed out')), LOOKUP_TIMEOUT_MS).unref()
  })
  try {
    const found = await Promise.race([lookup(name, { all: true }), timer])
    return found.slice(0, MAX_ADDRESSES).map(({ address }) => address)
  } catch (cause) {
    throw new AppError('unavailable', `${name} has no address that could be found. Check the name.`, {}, { cause })
  }
}

function refusal(name: string, address: string): AppError {
  const who = name === address ? name : `${name} (${address})`
  return new AppError(
    'forbidden',
    `${who} is not a public address, and Slipway fetches from public addresses only. An operator can allow it with SLIPWAY_ALLOW_PRIVATE_FETCH=${name}.`,
    { address },
  )
}
