import { AppError } from '@slipway/domain'
import type { ApiConfig } from '../ports/config.ts'

/** How the local cluster's own registry is called in image references. */
const EMBEDDED_REGISTRY = 'registry.slipway.internal'

/**
 * Refuses references to images that other teams built: repositories in Slipway's registry begin with the team's name, and
 * a team may name its own only. A registry on this machine is known by its port alone, for its address has many names.
 * @throws AppError forbidden
 */
export function checkImageAccess(
  config: Pick<ApiConfig, 'registry' | 'registryPushUrl'>,
  team: string,
  image: string,
): void {
  const [first = '', ...rest] = image.replace(/@.*$/, '').split('/')
  if (rest.length === 0) return
  const given = { host: canonicalHost(first), path: rest.join('/') }
  for (const { matches, prefix } of ownRegistries(config)) {
    if (!matches(given.host)) continue
    const inside =
      prefix === '' ? given.path : given.path.startsWith(`${prefix}/`) ? given.path.slice(prefix.length + 1) : null
    if (inside === null || inside.startsWith(`${team}/`)) continue
    const own = [first, prefix, team].filter(Boolean).join('/')
    throw new AppError(
      'forbidden',
      `Images in ${first} belong to the team that built them: ${team} may use ${own}/… only. Promote the app, or push the image to a registry of yours.`,
    )
  }
}

interface OwnRegistry {
  matches: (host: string) => boolean
  /** Path in front of the repositories, without slashes at its ends. */
  prefix: string
}

function ownRegistries({ registry, registryPushUrl }: Pick<ApiConfig, 'registry' | 'registryPushUrl'>): OwnRegistry[] {
  const [host = '', ...path] = (registry ?? '').split('/')
  const prefix = path.filter(Boolean).join('/')
  const named = registry === null ? [] : [{ matches: hostMatcher(host), prefix }]
  const embedded = { matches: is(EMBEDDED_REGISTRY), prefix: '' }
  if (registryPushUrl === null) return [...named, embedded]
  const push = new URL(registryPushUrl)
  const port = push.port || (push.protocol === 'https:' ? '443' : '80')
  return [...named, embedded, { matches: hostMatcher(`${push.hostname}:${port}`), prefix }]
}

/** An address of loopback has many names, and so has a port that every node serves; all have the port. */
function hostMatcher(host: string): (given: string) => boolean {
  const port = /^(?:localhost|127\.[\d.]+|\[::1\]):(\d+)$/.exec(host)?.[1]
  return port === undefined ? is(host) : (given) => given.endsWith(`:${port}`)
}

const is = (host: string) => {
  const canonical = canonicalHost(host)
  return (given: string) => given === canonical
}

/** Lower case, without the dot that ends a full name and without the port that is meant anyway. */
function canonicalHost(host: string): string {
  return host
    .toLowerCase()
    .replace(/:(443|80)$/, '')
    .replace(/\.+(?=:|$)/, '')
}
