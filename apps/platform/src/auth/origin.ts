import type { IncomingHttpHeaders } from 'node:http'

/**
 * True when no other site's page can have made this request: its Origin is the public address or the host that was asked,
 * or it has none and the browser does not speak of another site (Fetch Metadata, https://www.w3.org/TR/fetch-metadata/).
 * Programs send neither header. A rebound DNS name passes here, but the session's cookie does not belong to it.
 */
export function isSameOrigin(headers: IncomingHttpHeaders, publicUrl: string): boolean {
  const { origin } = headers
  if (origin !== undefined) {
    if (!URL.canParse(origin)) return false
    const from = new URL(origin)
    return from.origin === new URL(publicUrl).origin || from.host === headers.host
  }
  const site = headers['sec-fetch-site']
  return site === undefined || site === 'same-origin' || site === 'none'
}
