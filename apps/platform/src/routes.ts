import type { Database } from '@slipway/db'
import { AppError } from '@slipway/domain'
import type { FastifyInstance } from 'fastify'
import type { ApiDependencies } from './api/index.ts'
import { addTrpc } from './api/trpc.ts'
import { type Authenticator, createAuthenticator } from './auth/authenticate.ts'
import { addHistoryRoutes } from './builds/history-routes.ts'
import { addInternalRoutes } from './builds/internal-routes.ts'
import type { BuildSources } from './builds/prepare.ts'
import type { ClusterView } from './cluster-view.ts'
import type { PlatformSettings } from './env.ts'
import { describeApp } from './git/describe-app.ts'
import { createPushRegistry, type PushRegistry } from './git/pushes.ts'
import type { Repositories } from './git/repositories.ts'
import { addGitRoutes } from './git/routes.ts'
import type { HookDirectory } from './hooks/directory.ts'
import { addHookRoutes } from './hooks/routes.ts'
import type { KeptLogs } from './live/kept-logs.ts'
import type { OwnRegistry } from './registry/own-registry.ts'
import { addTokenRoutes } from './registry/routes.ts'
import { addAppHosts } from './server/app-hosts.ts'
import { addCliRoutes } from './server/cli-routes.ts'
import { createAddressReader } from './server/client-address.ts'
import { addConsoleProxy } from './server/console-proxy.ts'
import { addGitProxy } from './server/git-proxy.ts'
import { addHealthRoutes } from './server/health-routes.ts'
import type { Logger } from './server/logger.ts'
import type { SourceTokens } from './sources/token.ts'

export interface RouteParts {
  settings: PlatformSettings
  db: Database
  api: ApiDependencies
  view: ClusterView
  hooks: HookDirectory
  /** A sentence while the disk of this process is full. */
  disk: () => Promise<string | null>
  /** Null without the role `git`. */
  repositories: Repositories | null
  /** Pushes wait for it. */
  repositoriesReady: Promise<void>
  buildSources: BuildSources
  sourceTokens: SourceTokens
  buildLogs: KeptLogs
  runLogs: KeptLogs
  /** Null where the registry has credentials of its own. */
  registry: OwnRegistry | null
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
    // Reading goes on, and what runs does.
    disk: { required: false, problem: parts.disk },
    cluster: { required: false, problem: async () => view.problem() },
  })
  server.all('/internal/*', () => {
    throw new AppError('not_found', 'There is nothing here.')
  })
  const { sessionSecret, sessionLifetime } = settings
  const authenticator = createAuthenticator({ db, sessionSecret, sessionLifetime, now: parts.now })
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
  const { api, db, buildLogs, runLogs, canBuild, logger, settings, stopping, view } = parts
  const push = {
    ...{ db, repositories, buildLogs, runLogs, canBuild, logger, stopping },
    pushTimeoutMs: settings.pushTimeoutMs,
    describeApp: (id: string) => describeApp(api, id),
    apps: view.apps,
  }
  const { loginLimiter } = api
  const { onAccountChange } = api.ports.live
  const ready = parts.repositoriesReady
  const git = { db, authenticator, loginLimiter, repositories, ready, pushes, push, logger, onAccountChange }
  await addGitRoutes(server, git)
  addInternalRoutes(server, { ...parts, repositories })
  addHistoryRoutes(server, { ...parts, repositories })
}

/** The role `web`. */
async function addWebRoutes(server: FastifyInstance, parts: RouteParts, authenticator: Authenticator) {
  const { api, db, logger, now, canBuild, registry, settings } = parts
  const addressOf = createAddressReader(settings.trustedProxies)
  const trpc = await addTrpc({ server, api, authenticator, logger, addressOf, limits: settings.limits })
  if (registry !== null) await addTokenRoutes(server, { db, registry, loginLimiter: api.loginLimiter, now })
  await addHookRoutes(server, { db, hooks: parts.hooks, logger, canBuild, now })
  addCliRoutes(server, () => api.config.publicUrl)
  await addConsoleProxy(server, settings.consoleUrl)
  return trpc
}
