import { lookup } from 'node:dns/promises'
import { BlockList, isIP } from 'node:net'
import { type Endpoint, PRIVATE_NETWORKS } from '@slipway/manifests'
import { pause } from '../server/pause.ts'

/** A name server that does not answer holds up no build: what it would have said is then not allowed. */
const LOOKUP_TIMEOUT_MS = 3000

const PRIVATE = new BlockList()
for (const network of [...PRIVATE_NETWORKS.ipv4, ...PRIVATE_NETWORKS.ipv6]) {
  const [address = '', bits] = network.split('/')
  PRIVATE.addSubnet(address, Number(bits), familyOf(address))
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4'
}

/** What is asked of an installation's settings to know where its builds go. */
interface BuildPlaces {
  clusterKind: 'local' | 'kubernetes'
  registryPushUrl: string | null
  /** Reference pattern of the base image a language. */
  baseImages: Readonly<Record<string, string>>
  /** Where tokens of our own registry are fetched, when it has some. */
  publicUrl?: string | null
  registryTokenKey?: string | null
}

/**
 * Addresses in private networks that a build goes to: the platform's, its registry's and those of base images. Its NetworkPolicy
 * names them, since it denies such networks; names are resolved anew for every build. Public ones are open anyway.
 */
export async function privateEndpoints(
  { clusterKind, registryPushUrl, baseImages, publicUrl, registryTokenKey }: BuildPlaces,
  internalUrl: string,
): Promise<Endpoint[]> {
  if (clusterKind === 'local') return []
  const tokens = registryTokenKey ? publicUrl : null
  const named = [registryPushUrl, tokens].flatMap((url) => url ?? [])
  const places = [internalUrl, ...named, ...registriesOf(baseImages)]
  const found = await Promise.all([...new Set(places)].map(endpointsOf))
  const unique = new Map(found.flat().map((each) => [`${each.address} ${each.port}`, each]))
  return [...unique].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each)
}

/**
 * Origins of registries; `http://` before a name stands for one without TLS.
 * Reference: https://github.com/distribution/reference: the first part is a host where it has a dot or a port.
 */
function registriesOf(baseImages: Readonly<Record<string, string>>): string[] {
  return Object.values(baseImages).flatMap((image) => {
    const [, scheme = 'https://', host = ''] = /^(http:\/\/)?([^/]*[.:][^/]*)\//.exec(image) ?? []
    return host === '' ? [] : [`${scheme}${host}`]
  })
}

async function endpointsOf(place: string): Promise<Endpoint[]> {
  if (!URL.canParse(place)) return []
  const { hostname, port, protocol } = new URL(place)
  const addresses = await resolve(hostname.replace(/^\[|\]$/g, ''))
  return addresses
    .filter((address) => PRIVATE.check(address, familyOf(address)))
    .map((address) => ({ address, port: Number(port || (protocol === 'https:' ? 443 : 80)) }))
}

/** Nothing where the name does not resolve: the build says so itself. */
async function resolve(host: string): Promise<string[]> {
  if (isIP(host) !== 0) return [host]
  const done = new AbortController()
  const late = pause(LOOKUP_TIMEOUT_MS, done.signal).then(() => [])
  const found = lookup(host, { all: true }).then(
    (answers) => answers.map(({ address }) => address),
    () => [],
  )
  return Promise.race([found, late]).finally(() => done.abort())
}
