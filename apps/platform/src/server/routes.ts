import type { Database } from '@slipway/db'
import type { FastifyInstance } from 'fastify'
import type { ApiDependencies } from '../api/index.ts'
import { createAuthenticator } from '../auth/authenticate.ts'
import type { PlatformSettings } from '../env.ts'
import { createPushRegistry, type PushRegistry } from '../git/pushes.ts'
import type { Repositories } from '../git/repositories.ts'
import { addGitRoutes } from '../git/routes.ts'
import { addHookRoutes } from '../hooks/routes.ts'
import type { BuildLogs } from '../live/build-logs.ts'
import type { ClusterView } from '../live/cluster-view.ts'
import type { SourceStore } from '../sources/store.ts'
import { createAddressReader, type TrustedProxies } from './client-address.ts'
import { addConsoleProxy } from './console-proxy.ts'
import { describeApp } from './describe-app.ts'
import { addHealthRoutes } from './health-routes.ts'
import { addInternalRoutes } from './internal-routes.ts'
import type { Logger } from './logger.ts'
import { addTrpc } from './trpc.ts'

export interface RouteParts {
  settings: PlatformSettings
  trustedProxies: TrustedProxies
  db: Database
  api: ApiDependencies
  view: ClusterView
  repositories: Repositories
  sources: SourceStore
  buildLogs: BuildLogs
  canBuild: boolean
  logger: Logger
  now: () => Date
  loopbackUrl: () => string
  stopping: AbortSignal
}

/** Everything that the platform answers, in the order of docs/architecture.md, "Paths of the platform". */
export async function addRoutes(
  server: FastifyInstance,
  parts: RouteParts,
): Promise<{ trpc: Awaited<ReturnType<typeof addTrpc>>; pushes: PushRegistry }> {
  const { settings, db, api, view, logger, now, loopbackUrl, canBuild, sources, buildLogs } = parts
  const authenticator = createAuthenticator({ db, sessionSecret: settings.sessionSecret, now })
  const pushes = createPushRegistry()
  addHealthRoutes(server, {
    database: { required: true, problem: () => db.ping().then(() => null) },
    cluster: { required: false, problem: async () => view.problem() },
  })
  const addressOf = createAddressReader(parts.trustedProxies)
  const trpc = await addTrpc({ server, api, authenticator, logger, addressOf })
  const { loginLimiter } = api
  await addGitRoutes(server, { ...parts, authenticator, loginLimiter, pushes, loopbackUrl })
  await addHookRoutes(server, { db, logger, canBuild, now })
  const receive = { db, sources, buildLogs, canBuild, describeApp: (id: string) => describeApp(api, id) }
  addInternalRoutes(server, { db, sources, pushes, receive, logger, stopping: parts.stopping })
  await addConsoleProxy(server, settings.consoleUrl)
  return { trpc, pushes }
}
