/** What is Slipway's own of the names in DNS. */
export interface OwnNames {
  /** Host of the console. */
  publicHost: string
  /** Hosts of other parts: the address of builds, the registry. */
  otherHosts: readonly string[]
  /** Suffix of generated hosts; null: none are generated. */
  appsDomain: string | null
}

/** Names that are resolved inside clusters and machines, and mean nothing outside. */
const INTERNAL = [
  'cluster.local',
  'svc',
  'internal',
  'local',
  'localdomain',
  'localhost',
  'arpa',
  'home.arpa',
  'invalid',
  'onion',
]

const isBelow = (name: string, parent: string) => name.endsWith(`.${parent}`)

/** Why an app cannot have a host name, in a sentence; null when it can. */
export function hostnameProblem(hostname: string, { publicHost, otherHosts, appsDomain }: OwnNames): string | null {
  if ([publicHost, ...otherHosts].includes(hostname)) {
    return `${hostname} is Slipway’s own address. Choose another host name.`
  }
  if (appsDomain !== null && (hostname === appsDomain || isBelow(hostname, appsDomain))) {
    // On one machine a short name such as shop.localhost is handy, and never the parent of a generated one, which has a dash.
    if (appsDomain === 'localhost' && /^[a-z0-9]+\.localhost$/.test(hostname)) return null
    return `Names below ${appsDomain} are assigned by Slipway. Use a domain of your own.`
  }
  if (publicHost !== appsDomain && isBelow(hostname, publicHost)) {
    return `Names below ${publicHost} are Slipway’s own: pages there could set its cookies. Use a domain of your own.`
  }
  if (INTERNAL.some((suffix) => isBelow(hostname, suffix))) {
    return `${hostname} is an internal network name, which nobody else can resolve. Use a domain of your own.`
  }
  return null
}

/** Name of the TXT record that proves whose a host is. */
export const proofName = (hostname: string) => `_slipway.${hostname}`
/** What it has to hold. */
export const proofValue = (token: string) => `slipway-verification=${token}`
