import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import { toAppError } from '@slipway/db'
import { httpStatusOf, isAppError } from '@slipway/domain'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import { API_PACE, watchBody } from './body-pace.ts'
import { type Logger, loggablePath } from './logger.ts'

/** Bodies of API requests may be at most this large; git and webhooks have limits of their own. */
export const BODY_LIMIT_BYTES = 1024 * 1024

/** A client that has not sent its headers by then is cut off. */
const HEADERS_TIMEOUT_MS = 20_000

/** Routes whose bodies are large: they watch the pace themselves. */
const OWN_PACE = /^\/(git|hooks|internal)\//
/** Paths that are not the console's; git says itself what may be kept of its answers. */
const OWN_PATHS = /^\/(trpc|hooks|internal|git|healthz|readyz)(?![\w-])/

export interface ServerOptions {
  logger: Logger
  /** True behind TLS: answers say so to browsers (HSTS). */
  https: boolean
  /** Proxies whose X-Forwarded-* headers count, as proxy-addr names them. */
  trustedProxies: readonly string[]
}

/** A Fastify server with everything that holds for all routes: ids, limits, security headers, logs, typed errors. */
export function createServer({ logger, https, trustedProxies }: ServerOptions): FastifyInstance {
  const baseLogger: FastifyBaseLogger = logger
  const server = Fastify({
    loggerInstance: baseLogger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    bodyLimit: BODY_LIMIT_BYTES,
    trustProxy: [...trustedProxies],
    genReqId: () => randomUUID(),
    forceCloseConnections: 'idle',
    // Idle keep-alive connections of proxies in front of us must end on their side first.
    keepAliveTimeout: 75_000,
    requestTimeout: 0, // Bodies have a pace each; see body-pace.ts.
    http: { headersTimeout: HEADERS_TIMEOUT_MS, connectionsCheckingInterval: 5000 },
    connectionTimeout: 0,
    return503OnClosing: true,
    // A batch of queries is one long path, as long as Node takes; how many calls it may have is checked there.
    routerOptions: { maxParamLength: 16_384 },
  })
  server.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id)
    if (!OWN_PACE.test(request.url)) watchBody(request.raw, API_PACE, () => refuseSlowBody(request.raw.socket))
  })
  server.addHook('onSend', async (request, reply, payload) => {
    addSecurityHeaders(reply, https)
    // What an API answers is one caller's, and old a moment later.
    if (OWN_PATHS.test(request.url) && !reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store')
    return payload
  })
  server.addHook('onResponse', async (request, reply) => {
    const entry = {
      method: request.method,
      path: loggablePath(request.url),
      status: reply.statusCode,
      durationMs: Math.round(reply.elapsedTime),
      address: request.ip,
    }
    // 503 waits for a part that is away, which says so itself: floods of them must not rotate the log away.
    if (reply.statusCode >= 500 && reply.statusCode !== 503) request.log.warn(entry, 'request failed')
    else request.log.debug(entry, 'request')
  })
  server.setErrorHandler((error, request, reply) => {
    const { status, body } = errorAnswer(error, request.id)
    if (status === 503) reply.header('retry-after', String(RETRY_AFTER_SECONDS))
    else if (status >= 500) request.log.error({ err: error, path: loggablePath(request.url) }, 'request failed')
    return reply.status(status).send(body)
  })
  return server
}

/** The body is still being read and no handler can answer, so this ends the connection itself. */
function refuseSlowBody(socket: Socket): void {
  socket.end('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n', () => socket.destroy())
}
/** When to ask again what is not there for the moment, in seconds. */
export const RETRY_AFTER_SECONDS = 2

/** For our own answers, which are data or a page without scripts. The console's pages say for themselves what they load. */
const NO_SCRIPTS =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

interface HeaderSink {
  hasHeader(name: string): boolean
  header(name: string, value: string): unknown
}

function addSecurityHeaders(reply: HeaderSink, https: boolean): void {
  const headers: Record<string, string> = {
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'content-security-policy': NO_SCRIPTS,
    'referrer-policy': 'strict-origin-when-cross-origin',
    'cross-origin-opener-policy': 'same-origin',
    ...(https ? { 'strict-transport-security': 'max-age=31536000' } : {}),
  }
  for (const [name, value] of Object.entries(headers)) if (!reply.hasHeader(name)) reply.header(name, value)
}

/** What a failed request answers outside of tRPC: the AppError's words, or nothing about our insides. */
function errorAnswer(thrown: unknown, requestId: string): { status: number; body: { error: object } } {
  const error = toAppError(thrown)
  if (isAppError(error)) {
    const status = httpStatusOf(error.code)
    return { status, body: { error: { code: error.code, message: error.message, details: error.details, requestId } } }
  }
  const status = statusOf(error)
  const message =
    status === 413
      ? `The request is larger than ${BODY_LIMIT_BYTES / 1024} KiB, the limit.`
      : status < 500 && error instanceof Error
        ? error.message
        : 'Something went wrong on our side. Try again; if it persists, see the platform’s log.'
  const code = status === 413 ? 'too_large' : status < 500 ? 'invalid_input' : 'internal'
  return { status, body: { error: { code, message, details: {}, requestId } } }
}

function statusOf(error: unknown): number {
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return 500
  const { statusCode } = error
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 600 ? statusCode : 500
}
