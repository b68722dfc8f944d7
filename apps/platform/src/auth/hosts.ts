import { isIP } from 'node:net'

/** Addresses by which a host name is judged. */
export interface Addresses {
  publicUrl: string
  appsDomain: string | null
  /** Address at which build pods reach the platform; null: its public one. */
  internalUrl: string | null
}

/** What a Host header may consist of; the rest is nobody's name. */
const HOST_NAME = /^[a-z0-9._-]*$/

/** Host name of a Host header, lower case, without port, brackets and a dot at the end. */
function nameOfHost(host: string): string {
  return host
    .toLowerCase()
    .replace(/:\d+$/, '')
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
}

/**
 * Whose a host name is: `own`, by which Slipway is reached (its public name, and those of this machine or of the cluster's network);
 * `app`, below the domain of the apps; or `foreign`: a domain that once led to an app, or a name that someone made point here.
 */
export function hostKind(host: string, { publicUrl, appsDomain, internalUrl }: Addresses): 'own' | 'app' | 'foreign' {
  const name = nameOfHost(host)
  if (name === nameOfHost(new URL(publicUrl).host)) return 'own'
  if (internalUrl !== null && name === nameOfHost(new URL(internalUrl).host)) return 'own'
  if (isIP(name) !== 0) return 'own'
  if (!HOST_NAME.test(name)) return 'foreign'
  if (appsDomain !== null && name.endsWith(`.${appsDomain}`)) return 'app'
  // Names without a dot are not in the public DNS, so nobody can make one of theirs point here.
  return !name.includes('.') || name.endsWith('.svc') || name.endsWith('.svc.cluster.local') ? 'own' : 'foreign'
}
