import httpProxy from '@fastify/http-proxy'
import type { FastifyInstance, FastifyReply, FastifyRequest, RawServerBase, RequestGenericInterface } from 'fastify'

/** Next.js streams pages; one that sends nothing at all for this long has died. */
const CONSOLE_TIMEOUT_MS = 60_000

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
      agentOptions: { keepAlive: true, maxSockets: 256, maxFreeSockets: 32 },
      requestOptions: { timeout: CONSOLE_TIMEOUT_MS },
    },
    replyOptions: {
      rewriteRequestHeaders: (request, headers) => ({ ...headers, ...forwardedHeaders(request) }),
      onError: (reply, { error }) => {
        reply.request.log.debug({ err: error }, 'the console did not answer')
        return sendPage(
          reply,
          503,
          'Slipway is starting',
          'The console is on its way. This page looks again by itself.',
        )
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

/** http-proxy's hooks type their reply for HTTP/2 as well, which Fastify's own handlers do not. */
type AnyReply = FastifyReply | FastifyReply<RequestGenericInterface, RawServerBase>

function sendPage(reply: AnyReply, status: number, title: string, text: string) {
  const { request } = reply
  reply.status(status).header('cache-control', 'no-store')
  if (status === 503) reply.header('retry-after', '2')
  if (!(request.headers.accept ?? '').includes('text/html')) {
    const code = status === 503 ? 'unavailable' : 'not_found'
    return reply.send({ error: { code, message: `${title}. ${text}`, details: {}, requestId: request.id } })
  }
  return reply.type('text/html; charset=utf-8').send(page(title, text, status === 503))
}

function page(title: string, text: string, again: boolean): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>${title}</title>${again ? '<meta http-equiv="refresh" content="2">' : ''}
<style>
:root{--ink:#18181b;--dim:#52525b;--paper:#fafafa;--sea:#0b6e99}
@media (prefers-color-scheme:dark){:root{--ink:#fafafa;--dim:#a1a1aa;--paper:#0a0a0b;--sea:#4db5dd}}
body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--paper);color:var(--ink);font:14px/1.5 system-ui,sans-serif}
main{max-width:26rem;padding:2rem}h1{font-size:20px;font-weight:600;margin:0 0 .5rem}p{margin:0;color:var(--dim)}
i{display:block;width:2rem;height:3px;border-radius:2px;background:var(--sea);margin-bottom:1.25rem}
@media (prefers-reduced-motion:no-preference){i{animation:a 1.4s ease-in-out infinite alternate}@keyframes a{to{width:5rem}}}
</style></head><body><main role="status"><i></i><h1>${title}</h1><p>${text}</p></main></body></html>`
}
