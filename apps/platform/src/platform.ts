import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type Database,
  type InstallationId,
  isDatabaseAway,
  migrate,
  openDatabase,
  resolveInstallation,
} from '@slipway/db'
import { type Cluster, connectCluster } from '@slipway/kube'
import type { FastifyInstance } from 'fastify'
import { type ApiDependencies, describeCapabilities } from './api/index.ts'
import { ensureAdmin } from './auth/ensure-admin.ts'
import { createLoginLimiter } from './auth/login-limiter.ts'
import { type BuildSources, createBuildSources } from './builds/prepare.ts'
import { createRemoteSources } from './builds/remote.ts'
import { createReconciling } from './controllers/reconciling.ts'
import type { PlatformSettings } from './env.ts'
import { appsSchemeOf, asksForCertificates } from './env-routing.ts'
import { keepRepositories } from './git/keeper.ts'
import { openRepositories, type Repositories } from './git/repositories.ts'
import { createBuildLogs } from './live/build-logs.ts'
import { createClusterView } from './live/cluster-view.ts'
import { importFileLogs } from './live/import-logs.ts'
import { createIsolationReader } from './live/isolation.ts'
import type { TrustedProxies } from './server/client-address.ts'
import { createServer } from './server/create-server.ts'
import { createLogger, type Logger } from './server/logger.ts'
import { addRoutes } from './server/routes.ts'
import { testRemote } from './sources/remote.ts'
import { createSourceTokens, type SourceTokens } from './sources/token.ts'

export interface Platform {
  /** Where it listens: `http://127.0.0.1:PORT`. */
  url: string
  /** Counters of everything that is bounded, for the log and for tests. */
  stats(): Record<string, unknown>
  /** Stops taking requests, lets those under way end (at most ~10 s), stops reconciling, closes everything. */
  close(): Promise<void>
}

const DATABASE_WAIT_MS = 120_000
const DRAIN_MS = 10_000

/** Starts one platform process. Answers once it listens; the cluster may come later. Throws where it can not start. */
export async function startPlatform(settings: PlatformSettings, options: { logger?: Logger } = {}): Promise<Platform> {
  const logger = options.logger ?? createLogger(settings.logLevel)
  const db = await openWhenReady(settings, logger)
  try {
    const owner = await resolveInstallation(db, settings.installation)
    return await wire({ ...settings, installation: owner.id }, db, logger, owner)
  } catch (error) {
    await db.close()
    throw error
  }
}

/** Makes the parts, each once, and hands them to each other. */
async function wire(
  settings: PlatformSettings,
  db: Database,
  logger: Logger,
  owner: InstallationId,
): Promise<Platform> {
  const cluster = await connectCluster({ kubeconfigPath: settings.kubeconfigPath })
  const repositories = settings.stateDir === null ? null : await openRepositories(settings.stateDir)
  const sourceTokens = createSourceTokens(settings.secretKey)
  const buildSources = sourcesOf(settings, db, repositories, sourceTokens)
  if (settings.stateDir !== null) await importFileLogs(db, settings.stateDir)
  const keeper = repositories === null ? null : await keepRepositories({ db, repositories, logger })
  const buildLogs = createBuildLogs(db)
  const now = () => new Date()
  const view = createClusterView({
    ...{ db, cluster, buildLogs, now },
    hasGateway: settings.gateway !== null,
    hasIssuer: asksForCertificates(settings),
    onProblem: (sentence) => logger.warn(sentence),
  })
  const canBuild = canBuildWith(settings)
  const address = { port: 0 }
  const loopbackUrl = () => `http://127.0.0.1:${address.port}`
  const stopping = new AbortController()

  const common = { settings, owner, db, repositories, buildSources, sourceTokens, buildLogs, canBuild, logger, now }
  const api = apiDependencies({ ...common, view, isolation: isolationReader(settings, cluster, logger) })
  const internalUrl = () => settings.internalUrl ?? loopbackUrl()
  const { caches, observer } = view
  const reconciling = createReconciling({ ...common, cluster, caches, observer, internalUrl }, view)
  const trustedProxies: TrustedProxies =
    settings.clusterKind === 'local' ? ['loopback'] : ['loopback', 'linklocal', 'uniquelocal']
  const https = settings.publicUrl?.startsWith('https:') ?? false
  const server = createServer({ logger, https, trustedProxies })
  const routes = await addRoutes(server, {
    ...common,
    trustedProxies,
    api,
    view,
    stopping: stopping.signal,
  })

  await server.listen({ host: settings.listenHost, port: settings.listenPort })
  address.port = (server.server.address() as AddressInfo).port
  if (settings.publicUrl === null) api.config.publicUrl = `http://localhost:${address.port}`
  view.start()
  reconciling.start()
  logger.info(
    { publicUrl: api.config.publicUrl, cluster: settings.clusterKind, roles: settings.roles },
    `the platform listens at ${loopbackUrl()}`,
  )

  return {
    url: loopbackUrl(),
    stats: () => ({
      caches: caches.stats(),
      certificates: view.certificates?.stats() ?? null,
      reconciling: reconciling.stats(),
      hub: view.hub.stats(),
      buildLogs: buildLogs.stats(),
      sockets: routes.trpc?.sockets() ?? 0,
      pushes: routes.pushes.size,
    }),
    async close() {
      stopping.abort()
      await reconciling.stop()
      keeper?.stop()
      await routes.trpc?.close()
      await drain(server)
      await view.stop()
      await cluster.close()
      await db.close()
      logger.info('the platform has stopped')
    },
  }
}

/** The sources of this process, or those of the one with the role `git`. */
function sourcesOf(
  { gitUrl }: PlatformSettings,
  db: Database,
  repositories: Repositories | null,
  tokens: SourceTokens,
): BuildSources {
  if (repositories !== null) return createBuildSources(db, repositories)
  if (gitUrl === null)
    throw new Error('Without repositories of its own a platform needs the address of those that are.')
  return createRemoteSources(gitUrl, tokens)
}

/** Source is built where there is a registry to push to and an image that builds. */
function canBuildWith(settings: PlatformSettings): boolean {
  const hasBuilder = settings.clusterKind === 'local' || settings.builderImage !== null
  return settings.registry !== null && settings.registryPushUrl !== null && hasBuilder
}

/** A real cluster keeps apps in containers, and says nothing of it. */
function isolationReader(
  { clusterKind }: PlatformSettings,
  cluster: Cluster,
  logger: Logger,
): ApiDependencies['ports']['isolation'] {
  if (clusterKind !== 'local') return () => Promise.resolve(null)
  const onError = (err: unknown) => logger.debug({ err }, 'the node could not be read')
  return createIsolationReader(cluster, { onError, now: () => new Date() })
}

function apiDependencies(parts: {
  settings: PlatformSettings
  canBuild: boolean
  db: Database
  now: () => Date
  view: ReturnType<typeof createClusterView>
  buildLogs: ApiDependencies['ports']['buildLogs']
  isolation: ApiDependencies['ports']['isolation']
}): ApiDependencies {
  const { settings, canBuild, db, now, view, buildLogs, isolation } = parts
  return {
    db,
    now,
    loginLimiter: createLoginLimiter(db),
    ports: {
      ...{ cluster: view.observer, logs: view.logs, live: view.hub, buildLogs, isolation },
      remotes: { test: testRemote },
    },
    config: {
      publicUrl: settings.publicUrl ?? '',
      appsDomain: settings.appsDomain,
      appsScheme: appsSchemeOf(settings),
      appsPort: settings.appsPort,
      appsShareThePort: settings.clusterKind === 'local',
      registry: settings.registry,
      registryPushUrl: settings.registryPushUrl,
      capabilities: describeCapabilities({ ...settings, registry: canBuild ? settings.registry : null }),
    },
  }
}

/** Migrates and opens the database. One that is still starting is waited for; one that refuses us is not. */
async function openWhenReady(settings: PlatformSettings, logger: Logger): Promise<Database> {
  const deadline = Date.now() + DATABASE_WAIT_MS
  for (;;) {
    try {
      const applied = await migrate(settings.databaseUrl)
      if (applied.length > 0) logger.info({ applied }, 'migrated the database')
      break
    } catch (error) {
      if (!isDatabaseAway(error) || Date.now() > deadline) throw error
      logger.info('waiting for the database')
      await sleep(500)
    }
  }
  const db = openDatabase(settings.databaseUrl, {
    secretKey: settings.secretKey,
    maxConnections: 20,
    onError: (err) => logger.warn({ err }, 'a database connection was lost; the pool replaces it'),
  })
  if (settings.admin !== null) await ensureAdmin(db, settings.admin.email, settings.admin.password)
  return db
}

/** Requests under way get a moment to end; what is still open then is cut. */
async function drain(server: FastifyInstance): Promise<void> {
  const timer = setTimeout(() => server.server.closeAllConnections(), DRAIN_MS)
  await server.close()
  clearTimeout(timer)
}
