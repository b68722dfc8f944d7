import type { IncomingMessage } from 'node:http'
import { BlockList, isIP } from 'node:net'

/** Proxies that may say who the client is, as Fastify's `trustProxy` names them. */
export type TrustedProxies = readonly ('loopback' | 'linklocal' | 'uniquelocal')[]

const RANGES = {
  loopback: ['127.0.0.0/8', '::1/128'],
  linklocal: ['169.254.0.0/16', 'fe80::/10'],
  uniquelocal: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
} as const

/**
 * Client address of a request that does not pass through Fastify (a WebSocket upgrade), by the same rule: from the peer back
 * through X-Forwarded-For, as far as trusted proxies vouch.
 */
export function createAddressReader(trusted: TrustedProxies): (request: IncomingMessage) => string {
  const list = new BlockList()
  for (const range of trusted.flatMap((name) => RANGES[name])) {
    const [network = '', prefix = ''] = range.split('/')
    list.addSubnet(network, Number(prefix), isIP(network) === 6 ? 'ipv6' : 'ipv4')
  }
  const isTrusted = (address: string) => {
    const family = isIP(address)
    return family !== 0 && list.check(address, family === 6 ? 'ipv6' : 'ipv4')
  }
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
