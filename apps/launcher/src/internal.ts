import { createServer, type Server } from 'node:http'
import { createForwarder, retrying, startingPage } from '@slipway/proxy'
import { forgetForwarded } from './edge.ts'
import type { InternalAddress } from './env.ts'

/**
 * What pods and nodes of another cluster may ask of the platform: `/internal`, where each token is good for one thing, and
 * `/registry/token`, where credentials of a build or an environment open our own registry.
 */
export interface InternalListener {
  close(): Promise<void>
}

/** How long a request waits for a platform that is being started again. */
const HOLD_MS = 15_000

const isInternal = (url: string | undefined) =>
  url !== undefined && /^\/(internal\/|registry\/token(\?|$))/.test(url) && !url.includes('..')

/**
 * Listens where pods reach this machine and passes those paths on to the platform, which stays on loopback with
 * everything else.
 * @throws Error in one line that names the variable to change
 */
export async function listenInternal(address: InternalAddress, platformPort: number): Promise<InternalListener> {
  const forwarder = createForwarder()
  const server = createServer((request, response) => {
    if (isInternal(request.url)) {
      forgetForwarded(request)
      void forwarder.request(
        request,
        response,
        retrying({ host: '127.0.0.1', port: platformPort }, HOLD_MS),
        startingPage,
      )
    } else {
      response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' })
      response.end('Only /internal and /registry/token are served at this address.\n')
    }
  })
  server.requestTimeout = 0 // Sources of builds take as long as they take.
  await listen(server, address)
  return {
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
      forwarder.close()
    },
  }
}

function listen(server: Server, { host, port }: InternalAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(new Error(reasonOf(error, host, port))))
    server.listen({ host, port }, resolve)
  })
}

function reasonOf(error: NodeJS.ErrnoException, host: string, port: number): string {
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND') {
    return `SLIPWAY_INTERNAL_URL names ${host}, which is no address of this machine. Set SLIPWAY_LISTEN_HOST to the one to listen on, or to 0.0.0.0 for all.`
  }
  if (error.code === 'EADDRINUSE') {
    return `port ${port} of SLIPWAY_INTERNAL_URL is taken by another program. Name another one there, or set SLIPWAY_LISTEN_PORT.`
  }
  if (error.code === 'EACCES') {
    return `port ${port} of SLIPWAY_INTERNAL_URL needs more rights than this user has. Name a port above 1023 there.`
  }
  return `cannot listen on ${host}:${port} for SLIPWAY_INTERNAL_URL: ${error.message}`
}
