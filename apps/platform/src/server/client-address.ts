import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { createRangeTest } from '../env-network.ts'

/**
 * Client address of a request that does not pass through Fastify (a WebSocket upgrade), by the same rule: from the peer back
 * through X-Forwarded-For, as far as trusted proxies vouch.
 */
export function createAddressReader(trusted: readonly string[]): (request: IncomingMessage) => string {
  const isTrusted = createRangeTest(trusted)
  return (request) => {
    const plain = (address: string) => address.trim().replace(/^::ffff:(?=\d+\.)/, '')
    const header = request.headers['x-forwarded-for']
    const hops = typeof header === 'string' ? header.split(',').map(plain) : []
    let address = plain(request.socket.remoteAddress ?? '')
    while (isTrusted(address)) {
      const next = hops.pop()
      if (next === undefined || isIP(next) === 0) break
      address = next
    }
    return address
  }
}
