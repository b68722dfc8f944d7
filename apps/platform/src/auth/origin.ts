import type { IncomingHttpHeaders } from 'node:http'
import { type Addresses, hostKind } from './hosts.ts'

/**
 * True when no other site's page can have made this request: its Origin is the public address or the host that was asked,
 * or it has none and the browser does not speak of another site (Fetch Metadata, https://www.w3.org/TR/fetch-metadata/).
 * Programs send neither header. The host that was asked counts where it is a name of ours: one that someone else rebinds to
 * this machine is its own origin, too.
 */
export function isSameOrigin(headers: IncomingHttpHeaders, addresses: Addresses): boolean {
  const { origin, host = '' } = headers
  if (hostKind(host, addresses) !== 'own') return false
  if (origin !== undefined) {
    if (!URL.canParse(origin)) return false
    const from = new URL(origin)
    return from.origin === new URL(addresses.publicUrl).origin || from.host === host
  }
  const site = headers['sec-fetch-site']
  return site === undefined || site === 'same-origin' || site === 'none'
}
