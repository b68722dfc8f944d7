import httpProxy from '@fastify/http-proxy'
import type { FastifyInstance } from 'fastify'

/** A push waits for its build and its rollout; keep-alive frames come every few seconds. */
const SILENCE_MS = 60_000
/** Pushes, fetches and sources that are forwarded at once. */
const MAX_SOCKETS = 256

/** Without the role `git`: hands git's requests and those for sources to the process that has it, both ways as they come. */
export async function addGitProxy(server: FastifyInstance, gitUrl: string): Promise<void> {
  for (const prefix of ['/git', '/internal/builds']) {
    await server.register(httpProxy, {
      upstream: gitUrl,
      prefix,
      rewritePrefix: prefix,
      disableRequestLogging: true,
      http: {
        agentOptions: { keepAlive: true, maxSockets: MAX_SOCKETS },
        requestOptions: { timeout: SILENCE_MS },
      },
      replyOptions: {
        rewriteRequestHeaders: (request, headers) => ({
          ...headers,
          'x-forwarded-for': request.ip,
          'x-forwarded-host': request.host,
          'x-forwarded-proto': request.protocol,
        }),
        onError: (reply, { error }) => {
          reply.request.log.warn({ err: error }, 'the process with the role git did not answer')
          return reply
            .status(503)
            .header('retry-after', '5')
            .type('text/plain; charset=utf-8')
            .send('The repositories are not reachable at the moment; nothing was taken. Try again in a moment.\n')
        },
      },
    })
  }
}
