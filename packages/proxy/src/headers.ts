import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'

/** Headers that belong to one connection and not to the message. Reference: RFC 9110 section 7.6.1. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** The headers without those of the connection, the ones that `Connection` names included. */
export function endToEnd(headers: IncomingHttpHeaders): Record<string, string | string[]> {
  const named = new Set(
    String(headers.connection ?? '')
      .toLowerCase()
      .split(',')
      .map((name) => name.trim()),
  )
  const kept: Record<string, string | string[]> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !HOP_BY_HOP.has(name) && !named.has(name)) kept[name] = value
  }
  return kept
}

/** `X-Forwarded-*` of a request: who asked, and how the client named us. What a proxy before us said stays. */
export function forwarded(request: IncomingMessage): Record<string, string> {
  const client = request.socket.remoteAddress ?? ''
  const before = request.headers['x-forwarded-for']
  const host = request.headers.host ?? ''
  return {
    'x-forwarded-for': before === undefined ? client : `${before}, ${client}`,
    'x-forwarded-proto': String(request.headers['x-forwarded-proto'] ?? 'http'),
    'x-forwarded-host': String(request.headers['x-forwarded-host'] ?? host),
    'x-forwarded-port': String(request.headers['x-forwarded-port'] ?? request.socket.localPort ?? ''),
  }
}
