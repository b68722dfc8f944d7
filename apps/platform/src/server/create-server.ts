import { randomUUID } from 'node:crypto'
import { httpStatusOf, isAppError } from '@slipway/domain'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import { type Logger, loggablePath } from './logger.ts'

/** Bodies of API requests may be at most this large; git and webhooks have limits of their own. */
export const BODY_LIMIT_BYTES = 1024 * 1024

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
    requestTimeout: 0,
    connectionTimeout: 0,
    return503OnClosing: true,
    // A batch of queries is one long path.
    routerOptions: { maxParamLength: 5000 },
  })
  server.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id)
  })
  server.addHook('onSend', async (_request, reply, payload) => {
    addSecurityHeaders(reply, https)
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
    if (reply.statusCode >= 500) request.log.warn(entry, 'request failed')
    else request.log.debug(entry, 'request')
  })
  server.setErrorHandler((error, request, reply) => {
    const { status, body } = errorAnswer(error, request.id)
    if (status >= 500) request.log.error({ err: error, path: loggablePath(request.url) }, 'request failed')
    return reply.status(status).send(body)
  })
  return server
}

interface HeaderSink {
  hasHeader(name: string): boolean
  header(name: string, value: string): unknown
}

function addSecurityHeaders(reply: HeaderSink, https: boolean): void {
  const headers: Record<string, string> = {
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'strict-origin-when-cross-origin',
    'cross-origin-opener-policy': 'same-origin',
    ...(https ? { 'strict-transport-security': 'max-age=31536000' } : {}),
  }
  for (const [name, value] of Object.entries(headers)) if (!reply.hasHeader(name)) reply.header(name, value)
}

/** What a failed request answers outside of tRPC: the AppError's words, or nothing about our insides. */
function errorAnswer(error: unknown, requestId: string): { status: number; body: { error: object } } {
  if (isAppError(error)) {
    const status = httpStatusOf(error.code)
    return { status, body: { error: { code: error.code, message: error.message, details: error.details, requestId } } }
  }
  const status = statusOf(error)
  const message =
    status === 413
      ? `The request is larger than ${BODY_LIMIT_BYTES / 1024} KiB, which is the most that is taken.`
      : status < 500 && error instanceof Error
        ? error.message
        : 'Something went wrong on our side. Try again; if it stays, the platform’s log has the details.'
  const code = status === 413 ? 'too_large' : status < 500 ? 'invalid_input' : 'internal'
  return { status, body: { error: { code, message, details: {}, requestId } } }
}

function statusOf(error: unknown): number {
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return 500
  const { statusCode } = error
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 600 ? statusCode : 500
}
