import type { Database } from '@slipway/db'
import { AppError } from '@slipway/domain'
import type { FastifyInstance } from 'fastify'
import type { ApiDependencies } from '../api/index.ts'
import { type Authenticator, createAuthenticator } from '../auth/authenticate.ts'
import type { BuildSources } from '../builds/prepare.ts'
import type { PlatformSettings } from '../env.ts'
import { createPushRegistry, type PushRegistry } from '../git/pushes.ts'
import type { Repositories } from '../git/repositories.ts'
import { addGitRoutes } from '../git/routes.ts'
import { addHookRoutes } from '../hooks/routes.ts'
import type { BuildLogs } from '../live/build-logs.ts'
import type { ClusterView } from '../live/cluster-view.ts'
import type { SourceTokens } from '../sources/token.ts'
import { addAppHosts } from './app-hosts.ts'
import { createAddressReader, type TrustedProxies } from './client-address.ts'
import { addConsoleProxy } from './console-proxy.ts'
import { describeApp } from './describe-app.ts'
import { addGitProxy } from './git-proxy.ts'
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
  /** Null without the role `git`. */
  repositories: Repositories | null
  buildSources: BuildSources
  sourceTokens: SourceTokens
  buildLogs: BuildLogs
  canBuild: boolean
  logger: Logger
  now: () => Date
  stopping: AbortSignal
}

export interface RunningRoutes {
  trpc: Awaited<ReturnType<typeof addTrpc>> | null
  pushes: PushRegistry
}

/** Everything that the platform answers with its roles, in the order of docs/architecture.md, "Paths of the platform". */
export async function addRoutes(server: FastifyInstance, parts: RouteParts): Promise<RunningRoutes> {
  const { settings, db, view } = parts
  const pushes = createPushRegistry()
  if (settings.roles.includes('web')) addAppHosts(server, parts.api.config)
  addHealthRoutes(server, {
    database: { required: true, problem: () => db.ping().then(() => null) },
    cluster: { required: false, problem: async () => view.problem() },
  })
  server.all('/internal/*', () => {
    throw new AppError('not_found', 'There is nothing here.')
  })
  const authenticator = createAuthenticator({ db, sessionSecret: settings.sessionSecret, now: parts.now })
  if (parts.repositories !== null) await addRepositoryRoutes(server, parts, parts.repositories, authenticator, pushes)
  else if (settings.gitUrl !== null) await addGitProxy(server, settings.gitUrl)
  const trpc = settings.roles.includes('web') ? await addWebRoutes(server, parts, authenticator) : null
  return { trpc, pushes }
}

/** The role `git`. */
async function addRepositoryRoutes(
  server: FastifyInstance,
  parts: RouteParts,
  repositories: Repositories,
  authenticator: Authenticator,
  pushes: PushRegistry,
): Promise<void> {
  const { api, db, buildLogs, canBuild, logger, settings, stopping } = parts
  const push = {
    ...{ db, repositories, buildLogs, canBuild, logger, stopping },
    pushTimeoutMs: settings.pushTimeoutMs,
    describeApp: (id: string) => describeApp(api, id),
  }
  const { loginLimiter } = api
  await addGitRoutes(server, { db, authenticator, loginLimiter, repositories, pushes, push, logger })
  addInternalRoutes(server, { ...parts, repositories })
}

/** The role `web`. */
async function addWebRoutes(server: FastifyInstance, parts: RouteParts, authenticator: Authenticator) {
  const { api, db, logger, now, canBuild, settings } = parts
  const addressOf = createAddressReader(parts.trustedProxies)
  const trpc = await addTrpc({ server, api, authenticator, logger, addressOf })
  await addHookRoutes(server, { db, logger, canBuild, now })
  await addConsoleProxy(server, settings.consoleUrl)
  return trpc
}
