import type { FastifyInstance } from 'fastify'
import { hostKind } from '../auth/hosts.ts'
import type { ApiConfig } from '../ports/config.ts'
import { sendPage } from './page.ts'

/** Probes of load balancers ask by names of their own; these two tell nothing of anybody's. */
const PROBES: readonly (string | undefined)[] = ['/healthz', '/readyz']

/**
 * Answers for hosts that are not Slipway's own. One below the domain of the apps is that of a deleted app, or of one without a web
 * process: 404, so that a visitor is not asked to sign in and a monitor does not see that all is well. Any other is 421 (RFC 9110
 * section 15.5.20): a name that someone else rebinds to this machine gets nothing of Slipway.
 */
export function addAppHosts(server: FastifyInstance, config: ApiConfig): void {
  server.addHook('onRequest', async (request, reply) => {
    // A page can set X-Forwarded-Host, but not Host; a proxy may rewrite Host.
    const kinds = [request.headers.host ?? '', request.host].map((host) => hostKind(host, config))
    if (kinds.every((kind) => kind === 'own')) return
    if (kinds.includes('foreign')) {
      if (PROBES.includes(request.routeOptions.url)) return
      return sendPage(
        reply,
        421,
        'There is nothing at this address',
        'No app here has this domain. To serve Slipway itself here, set SLIPWAY_URL to this address and restart it.',
      )
    }
    return sendPage(
      reply,
      404,
      'There is no app at this address',
      'It may have been deleted, or it has no web process that could answer.',
    )
  })
}
