import { createServer, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { createForwarder, type Picker, type UnavailablePage } from './forward.ts'
import type { IngressOptions, IngressProxy, Upstream } from './options.ts'
import { noSuchHostPage } from './pages.ts'
import { type Route, RoutingTable } from './routes.ts'
import { createUnavailablePages } from './unavailable.ts'

export { createForwarder, type Forwarder, type Picker, type UnavailablePage } from './forward.ts'
export type { IngressOptions, IngressProxy, IngressStats, Upstream } from './options.ts'
export { startingPage } from './pages.ts'

const DEFAULT_HOLD_MS = 15_000
/** More requests than this never wait at once. */
const MAX_HELD = 2_000
const RETRY_MS = 100
const DEFAULT_GRACE_MS = 10_000

/** Host name of a request, without its port. */
export function hostOf(request: IncomingMessage): string {
  return (request.headers.host ?? '').toLowerCase().replace(/:\d+$/, '').replace(/\.$/, '')
}

/** Starts the ingress. */
export async function startIngress(options: IngressOptions): Promise<IngressProxy> {
  const table = new RoutingTable(options.api, options.ingressClass ?? 'slipway')
  const forwarder = createForwarder()
  const picker = new EndpointPicker(table, options.holdMs ?? DEFAULT_HOLD_MS)
  const unavailablePage = createUnavailablePages(options.api)
  let unknownHost = 0
  const fallback = options.defaultBackendUrl === undefined ? null : new URL(options.defaultBackendUrl)

  const target = (request: IncomingMessage): { pick: Picker; page: UnavailablePage } => {
    // What is no URL is routed as `/`.
    const url = URL.parse(request.url ?? '/', 'http://ingress') ?? new URL('http://ingress/')
    const { pathname: path, searchParams: query } = url
    const { method = 'GET', headers } = request
    const route = table.find(hostOf(request), { path, query, method, headers })
    if (route !== null) return { pick: picker.of(route), page: () => unavailablePage(route) }
    unknownHost += 1
    if (fallback === null) return { pick: async () => null, page: noSuchHostPage }
    return {
      pick: retrying({ host: fallback.hostname, port: Number(fallback.port || 80) }, DEFAULT_HOLD_MS),
      page: noSuchHostPage,
    }
  }
  const server = createServer((request, response) => {
    const { pick, page } = target(request)
    void forwarder.request(request, response, pick, page)
  })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    void forwarder.upgrade(request, socket, head, target(request).pick)
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

/** One upstream that may be away for a moment: tried again until `holdMs` are over. */
export function retrying(upstream: Upstream, holdMs: number): Picker {
  const deadline = performance.now() + holdMs
  return async (refused) => {
    if (refused === null) return upstream
    if (performance.now() > deadline) return null
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
    return upstream
  }
}

/** Ready endpoints in turn; where none is, those that drain; where some start, the request waits for them. */
class EndpointPicker {
  readonly #table: RoutingTable
  readonly #holdMs: number
  #turn = 0
  #waiting = 0
  held = 0

  constructor(table: RoutingTable, holdMs: number) {
    this.#table = table
    this.#holdMs = holdMs
  }

  of(route: Route): Picker {
    const deadline = performance.now() + this.#holdMs
    const refusedKeys = new Set<string>()
    return async (refused, signal) => {
      if (refused !== null) refusedKeys.add(keyOf(refused))
      for (let first = true; ; first = false) {
        const { ready, draining, starting } = this.#table.endpoints(route)
        const open = ready.length > 0 ? ready : draining
        const untried = open.filter((upstream) => !refusedKeys.has(keyOf(upstream)))
        this.#turn += 1
        const chosen = untried[this.#turn % Math.max(1, untried.length)]
        if (chosen !== undefined) return chosen
        const leftMs = deadline - performance.now()
        // Endpoints that all refused are on their way out or back; nothing at all means that nothing will come.
        if (leftMs <= 0 || signal.aborted || open.length + starting === 0 || this.#waiting >= MAX_HELD) return null
        if (first) this.held += 1
        this.#waiting += 1
        await this.#table.changed(Math.min(leftMs, open.length > 0 ? RETRY_MS : 1_000))
        this.#waiting -= 1
        refusedKeys.clear()
      }
    }
  }
}

const keyOf = ({ host, port }: Upstream) => `${host}:${port}`
