import type { FastifyReply, RawServerBase, RequestGenericInterface } from 'fastify'

/** http-proxy's hooks type their reply for HTTP/2 as well, which Fastify's own handlers do not. */
type AnyReply = FastifyReply | FastifyReply<RequestGenericInterface, RawServerBase>

/** A page of the platform's own; programs get the same as JSON. One that says 503 loads itself again. */
export function sendPage(reply: AnyReply, status: number, title: string, text: string) {
  const { request } = reply
  reply.status(status).header('cache-control', 'no-store')
  if (status === 503) reply.header('retry-after', '2')
  if (!(request.headers.accept ?? '').includes('text/html')) {
    const code = status === 503 ? 'unavailable' : status === 421 ? 'misdirected' : 'not_found'
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
</style></head><body><main role="status">${again ? '<i></i>' : ''}<h1>${title}</h1><p>${text}</p></main></body></html>`
}
