import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { KubeletEndpoints } from '../../types/client.ts'
import type { ApiCore } from '../core/core.ts'
import { type AccessDecision, type Authorizer, authenticate, createAuthorizer } from './auth.ts'
import { discoveryDocument } from './discovery.ts'
import { notAllowed, type ResourceHandlerOptions } from './exchange.ts'
import { isHealthPath, serveHealth } from './health.ts'
import { isMetricsPath, metricsDiscovery, serveMetrics } from './metrics.ts'
import { openApiDocument } from './openapi.ts'
import { NoSuchPath, parseResourcePath } from './request-info.ts'
import { handleResource } from './resource-handler.ts'
import { sendError, sendJson } from './respond.ts'
import { createStreamHandler } from './stream.ts'
import type { ServiceAccountTokens } from './tokens.ts'
import { defaultWatchLimits, type WatchCounters, type WatchLimits } from './watch.ts'

export interface ApiHandlerOptions {
  core: ApiCore
  token: string
  accounts: ServiceAccountTokens
  /** Told of every request that was allowed or refused. */
  onDecision?: ((decision: AccessDecision) => void) | undefined
  /** The node agent; null until it runs. */
  kubelet(): KubeletEndpoints | null
  /** False: metrics.k8s.io is not served, as on a cluster without metrics-server. */
  metrics?: boolean
  /** `127.0.0.1:PORT`, as discovery shows it. */
  address(): string
  /** Told of every fault of this server itself. */
  onInternalError(error: unknown, request: string): void
  watchLimits?: Partial<WatchLimits>
}

export interface ApiHandler {
  handle(request: IncomingMessage, response: ServerResponse): void
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  counters: { requests: number; internalErrors: number; watches: WatchCounters }
  /** Ends exec and attach sessions. */
  close(): void
}

/** The Kubernetes API over HTTP, as handlers to mount on a server. */
export function createApiHandler(options: ApiHandlerOptions): ApiHandler {
  const watches: WatchCounters = { open: 0, events: 0, cutOff: 0 }
  const counters = { requests: 0, internalErrors: 0, watches }
  const authorizer = createAuthorizer(options.core, options.onDecision ?? (() => undefined))
  const resources: ResourceHandlerOptions = {
    core: options.core,
    kubelet: options.kubelet,
    watchLimits: { ...defaultWatchLimits, ...options.watchLimits },
    watchCounters: watches,
  }
  const streams = createStreamHandler({ ...options, credentials: options, authorizer })
  const fail = (request: IncomingMessage, response: ServerResponse, error: unknown) => {
    const report = sendError(response, error)
    if (!report.internal || error instanceof NoSuchPath) return
    counters.internalErrors += 1
    options.onInternalError(error, `${request.method ?? ''} ${request.url ?? ''}`)
  }
  return {
    counters,
    handle(request, response) {
      counters.requests += 1
      route(options, authorizer, resources, request, response).catch((error: unknown) => fail(request, response, error))
    },
    upgrade: streams.upgrade,
    close: streams.close,
  }
}

async function route(
  options: ApiHandlerOptions,
  authorizer: Authorizer,
  resources: ResourceHandlerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1')
  const path = url.pathname === '/' ? '/' : url.pathname.replace(/\/+$/, '')
  const method = request.method ?? 'GET'
  const user = await authenticate(request, options)
  authorizer.authorize(user, method, url)
  const metrics = options.metrics !== false
  const documentAt = (of: string) =>
    (metrics ? metricsDiscovery(of) : null) ?? discoveryDocument(options.core.kinds, of, options.address(), metrics)
  const found = documentAt(path)
  const document = method === 'GET' ? found : null
  if (found !== null && document === null) throw notAllowed()
  if (metrics && isMetricsPath(path)) {
    await serveMetrics(options.core, options.kubelet(), url, method, response)
    return
  }
  if (document === null && !isPlainPath(path)) {
    const parsed = parseResourcePath(options.core, url)
    await handleResource(resources, parsed, request, response, () => authorizer.authorizeCreate(user, url))
    return
  }
  if (document !== null) sendJson(response, 200, document)
  else if (isHealthPath(path)) serveHealth(path, url.searchParams, response)
  else if (path.startsWith('/openapi/v3')) {
    const found = openApiDocument(path)
    if (found === null) throw new NoSuchPath(path)
    sendJson(response, 200, found)
  } else if (path === '/')
    sendJson(response, 200, {
      paths: ['/api', '/apis', '/healthz', '/livez', '/openapi/v3', '/readyz', '/version'],
    })
  else throw new NoSuchPath(path)
}

function isPlainPath(path: string): boolean {
  return !path.startsWith('/api/') && !path.startsWith('/apis/')
}
