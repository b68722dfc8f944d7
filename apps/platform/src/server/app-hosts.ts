import { isIP } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { ApiConfig } from '../api/index.ts'
import { sendPage } from './page.ts'

type Addresses = Pick<ApiConfig, 'publicUrl' | 'appsDomain'>

/** Routes of the console, which takes what nobody else does. */
const CONSOLE_ROUTES: readonly (string | undefined)[] = ['/', '/*', undefined]

/**
 * Whose a host name is: `own`, by which Slipway is reached (its public name, and those of this machine or of the cluster's network);
 * `app`, below the domain of the apps; or `foreign`, such as a domain that once led to an app.
 */
export function hostKind(host: string, { publicUrl, appsDomain }: Addresses): 'own' | 'app' | 'foreign' {
  const name = host.toLowerCase().replace(/\.$/, '')
  if (name === new URL(publicUrl).hostname) return 'own'
  if (appsDomain !== null && name.endsWith(`.${appsDomain}`)) return 'app'
  const isInternal = !name.includes('.') || name.endsWith('.svc') || name.endsWith('.svc.cluster.local')
  return isInternal || isIP(name.replace(/^\[|\]$/g, '')) !== 0 ? 'own' : 'foreign'
}

/**
 * Answers for hosts of apps that no route leads to: deleted ones, and those without a web process. Such a host gets none of Slipway's
 * own paths, a foreign one not the console's: a visitor is not asked to sign in, and a monitor does not see that all is well.
 */
export function addAppHosts(server: FastifyInstance, config: Addresses): void {
  server.addHook('onRequest', async (request, reply) => {
    const kind = hostKind(request.hostname, config)
    if (kind === 'own' || (kind === 'foreign' && !CONSOLE_ROUTES.includes(request.routeOptions.url))) return
    return sendPage(
      reply,
      404,
      'There is no app at this address',
      'It may have been deleted, or it has no web process that could answer.',
    )
  })
}
