import http from 'node:http'
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { collectDefaultMetrics } from 'prom-client'
import { addGauges, type MetricSources } from './gauges.ts'
import type { Metrics } from './instruments.ts'
import { routeClassOf } from './route-class.ts'

/** Scrapers at once; a request beyond that waits in the kernel. */
const MAX_CONNECTIONS = 20
const REQUEST_TIMEOUT_MS = 10_000

export interface MetricsListener {
  port: number
  close(): Promise<void>
}

/** Counts the requests that a server answers. Before its routes are added. */
export function countRequests(server: FastifyInstance, metrics: Metrics): void {
  server.addHook('onResponse', async (request, reply) => {
    metrics.request(routeClassOf(request.url), reply.statusCode, reply.elapsedTime)
  })
}

/**
 * `/metrics` on a listener of its own, so that no path of the public origin leads there. Asks for no credentials: who reaches the
 * port is for the network to say (loopback on one machine, a NetworkPolicy in a cluster).
 * @throws Error where the port is taken.
 */
export async function serveMetrics(
  address: { host: string; port: number },
  metrics: Metrics,
  sources: MetricSources,
): Promise<MetricsListener> {
  const { registry } = metrics
  collectDefaultMetrics({ register: registry })
  addGauges(registry, sources)
  const server = http.createServer(
    { requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS },
    (request, response) => {
      if (request.method !== 'GET' || request.url?.split('?', 1)[0] !== '/metrics') {
        response.writeHead(404, { 'content-type': 'text/plain' }).end('Metrics are at /metrics.\n')
        return
      }
      registry.metrics().then(
        (text) => response.writeHead(200, { 'content-type': registry.contentType }).end(text),
        () => response.writeHead(500).end(),
      )
    },
  )
  server.maxConnections = MAX_CONNECTIONS
  await listen(server, address)
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function listen(server: http.Server, { host, port }: { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE'
      reject(taken ? new Error(`The port ${port} of SLIPWAY_METRICS_PORT is taken. Name another one.`) : error)
    })
    server.listen(port, host, resolve)
  })
}
