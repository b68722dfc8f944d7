/**
 * The ingress. Watches keep one table of hosts, Services and endpoints; a request finds its rule in it, waits for an endpoint that
 * is ready, and is streamed there and back. Safety net: the table begins with every object that exists, a refused connection is
 * tried at another endpoint, and requests wait while an app's only instance is replaced.
 */
import { createServer, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { createForwarder } from '@slipway/proxy'
import type { IngressOptions, IngressProxy } from './options.ts'
import { EndpointPicker } from './picker.ts'
import { createPlanner, endUpgrade, sendAnswer } from './plan.ts'
import { RoutingTable } from './routes.ts'

export type { IngressProxy, IngressStats } from './options.ts'

const DEFAULT_HOLD_MS = 15_000
const DEFAULT_GRACE_MS = 10_000

/** Starts the ingress. */
export async function startIngress(options: IngressOptions): Promise<IngressProxy> {
  const table = new RoutingTable(options.api, options.ingressClass ?? 'slipway')
  const forwarder = createForwarder()
  const picker = new EndpointPicker(table, options.holdMs ?? DEFAULT_HOLD_MS)
  let unknownHost = 0
  const fallback = options.defaultBackendUrl === undefined ? null : new URL(options.defaultBackendUrl)

  const planFor = createPlanner({ table, picker, api: options.api, fallback, onUnknownHost: () => (unknownHost += 1) })
  const server = createServer((request, response) => {
    const plan = planFor(request)
    if ('answer' in plan) {
      void sendAnswer(response, plan.answer)
      return
    }
    void forwarder.request(request, response, plan.pick, plan.page)
  })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const plan = planFor(request)
    if ('answer' in plan) return endUpgrade(socket, plan.answer)
    void forwarder.upgrade(request, socket, head, plan.pick)
  })
  // Streams and slow uploads have no end that could be known here.
  server.requestTimeout = 0
  server.keepAliveTimeout = 65_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, options.host ?? '127.0.0.1', resolve)
  })
  const address = server.address()
  const port = address !== null && typeof address === 'object' ? address.port : options.port
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    stats: () => ({ ...forwarder.counters(), held: picker.held, unknownHost }),
    async stop(graceMs = DEFAULT_GRACE_MS) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeIdleConnections()
      const cut = setTimeout(() => server.closeAllConnections(), graceMs)
      await closed
      clearTimeout(cut)
      table.close()
      forwarder.close()
    },
  }
}
