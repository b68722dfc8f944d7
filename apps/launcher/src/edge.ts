import { createServer, type IncomingMessage, type Server } from 'node:http'
import { isIP } from 'node:net'
import { createForwarder, hostOf, type Picker, retrying, startingPage } from '@slipway/proxy'

export interface EdgeOptions {
  port: number
  /** Public origin; its host is the console's. */
  url: string
  platformPort: number
  /** Null where another cluster has an ingress of its own: everything goes to the platform then. */
  ingressPort: number | null
  /** Whether a proxy of the operator stands in front, whose X-Forwarded-* headers count. */
  behindProxy: boolean
}

/** The one port: both loopback addresses, routed by host. */
export interface Edge {
  close(): Promise<void>
}

/** How long a request waits for a part that is being started again. */
const HOLD_MS = 15_000
const CLOSE_GRACE_MS = 3_000
/** What anybody may write where no proxy stands in front. */
const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'x-forwarded-port']

/**
 * Listens on the public port.
 * @throws Error in one line when it is taken
 */
export async function listenEdge(options: EdgeOptions): Promise<Edge> {
  const forwarder = createForwarder()
  const pickFor = (request: IncomingMessage): Picker => {
    const port =
      options.ingressPort === null || isConsoleHost(hostOf(request), options.url)
        ? options.platformPort
        : options.ingressPort
    return retrying({ host: '127.0.0.1', port }, HOLD_MS)
  }
  const admit = (request: IncomingMessage) => {
    if (!options.behindProxy) forgetForwarded(request)
  }
  const servers = await Promise.all(
    ['127.0.0.1', '::1'].map(async (host) => {
      const server = createServer((request, response) => {
        admit(request)
        void forwarder.request(request, response, pickFor(request), startingPage)
      })
      server.on('upgrade', (request, socket, head) => {
        admit(request)
        void forwarder.upgrade(request, socket, head, pickFor(request))
      })
      // Pushes and log streams take as long as they take; the platform and the apps have limits of their own.
      server.requestTimeout = 0
      server.keepAliveTimeout = 65_000
      return (await listen(server, options.port, host)) ? server : null
    }),
  )
  return {
    async close() {
      await Promise.all(servers.map((server) => server && closeServer(server)))
      forwarder.close()
    },
  }
}

/** Takes away what a client says of other clients. */
export function forgetForwarded(request: IncomingMessage): void {
  for (const name of FORWARDED) delete request.headers[name]
}

/** The console's own names: those of the public address, of this machine, and plain addresses. */
export function isConsoleHost(host: string, publicUrl: string): boolean {
  const name = host.replace(/^\[|\]$/g, '')
  return name === '' || name === 'localhost' || isIP(name) !== 0 || name === new URL(publicUrl).hostname
}

/** False where the machine has no such address (IPv6 may be off). */
function listen(server: Server, port: number, host: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (host === '::1' && (error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT')) resolve(false)
      else if (error.code === 'EADDRINUSE') {
        reject(new Error(`port ${port} is taken by another program. Stop it, or set SLIPWAY_PORT to another port.`))
      } else if (error.code === 'EACCES') {
        reject(new Error(`port ${port} needs more rights than this user has. Set SLIPWAY_PORT to a port above 1023.`))
      } else reject(error)
    })
    server.listen({ port, host }, () => resolve(true))
  })
}

async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  const cut = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS)
  await closed
  clearTimeout(cut)
}
