import httpProxy from '@fastify/http-proxy'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { sendPage } from './page.ts'

/** Next.js streams pages; one that sends nothing at all for this long has died. */
const CONSOLE_TIMEOUT_MS = 60_000
const MAX_FREE_SOCKETS = 32

/**
 * Next.js closes a connection that was quiet for 5 s, perhaps as the next request is sent on it. What only reads is sent again then, at
 * worst once for each connection that waits: a script that is missing leaves a page dead.
 */
const MAX_RESETS = MAX_FREE_SOCKETS

/**
 * Every path that is not the platform's own belongs to the console. While it does not answer (it starts, or is being
 * replaced) browsers get a page that looks again by itself.
 */
export async function addConsoleProxy(server: FastifyInstance, consoleUrl: string | null): Promise<void> {
  if (consoleUrl === null) {
    server.setNotFoundHandler((_request, reply) =>
      sendPage(
        reply,
        404,
        'No console is configured',
        'Set SLIPWAY_CONSOLE_URL to the address of the console, or use the CLI.',
      ),
    )
    return
  }
  await server.register(httpProxy, {
    upstream: consoleUrl,
    disableRequestLogging: true,
    http: {
      agentOptions: { keepAlive: true, maxSockets: 256, maxFreeSockets: MAX_FREE_SOCKETS },
      requestOptions: { timeout: CONSOLE_TIMEOUT_MS },
    },
    replyOptions: {
      retriesCount: MAX_RESETS,
      rewriteRequestHeaders: (request, headers) => ({ ...headers, ...forwardedHeaders(request) }),
      onError: (reply, { error }) => {
        reply.request.log.debug({ err: error }, 'the console did not answer')
        return sendPage(reply, 503, 'Slipway is starting', 'The console is starting. This page reloads by itself.')
      },
    },
  })
}

/** The console builds addresses from these (next-auth, redirects). Only trusted proxies have a say in their values. */
function forwardedHeaders(request: Pick<FastifyRequest, 'ip' | 'host' | 'protocol'>): Record<string, string> {
  return {
    'x-forwarded-for': request.ip,
    'x-forwarded-host': request.host,
    'x-forwarded-proto': request.protocol,
  }
}
