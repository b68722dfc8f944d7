import type { AddressInfo } from 'node:net'
import { type Database, hasAccounts, type InstallationId, resolveInstallation } from '@slipway/db'
import { type Cluster, connectCluster } from '@slipway/kube'
import type { FastifyInstance } from 'fastify'
import { type ApiDependencies, createApiLimits } from './api/index.ts'
import type { AppStateStats } from './apps/app-state.ts'
import { describeCapabilities } from './apps/capabilities.ts'
import { createManifestReader } from './apps/rendered-app.ts'
import { createLoginLimiter } from './auth/login-limiter.ts'
import { setupCodeOf, setupUrlOf } from './auth/setup-code.ts'
import { type BuildSources, createBuildSources } from './builds/prepare.ts'
import { createRemoteSources } from './builds/remote.ts'
import { createRemoteHistory } from './builds/remote-history.ts'
import { createClusterView } from './cluster-view.ts'
import { createReconciling } from './controllers/reconciling.ts'
import type { PlatformSettings } from './env.ts'
import { appsSchemeOf, asksForCertificates } from './env-routing.ts'
import { createCommitHistory } from './git/history.ts'
import { keepRepositories } from './git/keeper.ts'
import { openRepositories, type Repositories } from './git/repositories.ts'
import { createHookDirectory } from './hooks/directory.ts'
import { createInstallationHealth } from './installation-health.ts'
import { importFileLogs } from './live/import-logs.ts'
import { createIsolationReader } from './live/isolation.ts'
import { createKeptLogs } from './live/kept-logs.ts'
import { createMailLimiter } from './mail/limiter.ts'
import { createMailer, type Mailer } from './mail/mailer.ts'
import { createMetrics } from './metrics/instruments.ts'
import { countRequests, serveMetrics } from './metrics/serve.ts'
import { openWhenReady } from './open-database.ts'
import type { ApiConfig } from './ports/config.ts'
import { openOwnRegistry } from './registry/own-registry.ts'
import { addRoutes } from './routes.ts'
import { createServer } from './server/create-server.ts'
import { createDiskCheck } from './server/disk.ts'
import { createTxtReader } from './server/dns.ts'
import { createLogger, type Logger } from './server/logger.ts'
import { createFetchGuard } from './sources/fetch-guard.ts'
import { testRemote } from './sources/remote.ts'
import { createSourceTokens, type SourceTokens } from './sources/token.ts'

export interface Platform {
  /** Where it listens: `http://127.0.0.1:PORT`. */
  url: string
  /** Where `/metrics` is served; null: nowhere. */
  metricsPort: number | null
  /** Counters of everything that is bounded, for the log and for tests. */
  stats(): { apps: AppStateStats } & Record<string, unknown>
  /** The page that makes the first account, with its code; null when there is one. */
  setupUrl: string | null
  /** Stops taking requests, lets those under way end (at most ~10 s), stops reconciling, closes everything. */
  close(): Promise<void>
}

const DRAIN_MS = 10_000
const noProblem = () => Promise.resolve(null)

/** Starts one platform process. Answers once it listens; the cluster may come later. Throws where it cannot start. */
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
  const keeper = repositories === null ? null : keepRepositories({ db, repositories, logger })
  if (settings.stateDir !== null) {
    importFileLogs(db, settings.stateDir).catch((err) => logger.warn({ err }, 'old build logs could not be moved'))
  }
  const buildLogs = createKeptLogs(db, 'build')
  const runLogs = createKeptLogs(db, 'run')
  const hooks = createHookDirectory(db)
  const now = () => new Date()
  const canBuild = canBuildWith(settings)
  const config = configOf(settings, canBuild)
  const view = createClusterView({
    ...{ db, cluster, buildLogs, runLogs, config, now },
    hasGateway: settings.gateway !== null,
    hasIssuer: asksForCertificates(settings),
    teamLogStreams: settings.limits.logStreams,
    terminals: settings.limits.terminals,
    onTerminalError: (err) => logger.warn({ err }, 'a terminal broke off'),
    onProblem: (sentence) => logger.warn(sentence),
    onRowsUnread: (err) => logger.warn({ err }, 'rows of apps could not be read; they are read again'),
    onUnread: (err) => logger.debug({ err }, 'the cluster’s resources could not be read'),
  })
  const disk = settings.stateDir === null ? noProblem : createDiskCheck(settings.stateDir, now)
  const registry = openOwnRegistry(settings)
  const mailer = await createMailer(settings)
  mailer?.verify().catch((err) => logger.warn({ err }, 'the mail server does not take our mail'))
  const address = { port: 0 }
  const loopbackUrl = () => `http://127.0.0.1:${address.port}`
  const stopping = new AbortController()

  const metrics = createMetrics()
  const common = {
    settings,
    owner,
    db,
    repositories,
    buildSources,
    sourceTokens,
    buildLogs,
    runLogs,
    registry,
    canBuild,
    logger,
    metrics,
    now,
  }
  const health = createInstallationHealth({
    ...{ db, view, stateDir: settings.stateDir },
    reconciling: () => reconciling.stats(),
  })
  const api = apiDependencies({
    ...common,
    history: historyOf(settings, repositories, sourceTokens),
    config,
    view,
    health,
    isolation: isolationReader(settings, cluster, logger),
    disk,
    mailer,
  })
  const internalUrl = () => settings.internalUrl ?? loopbackUrl()
  const reconciling = createReconciling({ ...common, cluster, internalUrl }, view, hooks)
  const https = settings.publicUrl?.startsWith('https:') ?? false
  const server = createServer({ logger, https, trustedProxies: settings.trustedProxies })
  countRequests(server, metrics)
  const routes = await addRoutes(server, {
    ...common,
    api,
    view,
    hooks,
    disk,
    repositoriesReady: keeper?.ready ?? Promise.resolve(),
    stopping: stopping.signal,
  })

  const metricsListener =
    settings.metricsPort === null
      ? null
      : await serveMetrics({ host: settings.listenHost, port: settings.metricsPort }, metrics, {
          leading: () => reconciling.stats().leading,
          controllers: () => reconciling.stats().controllers,
          informers: view.caches.stats,
          pool: db.pool,
          sockets: () => routes.trpc?.sockets() ?? 0,
          apps: view.apps.stats,
          hub: view.hub.stats,
          buildLogs: buildLogs.stats,
          pushes: () => routes.pushes.size,
        })
  await server.listen({ host: settings.listenHost, port: settings.listenPort })
  address.port = (server.server.address() as AddressInfo).port
  if (settings.publicUrl === null) config.publicUrl = `http://localhost:${address.port}`
  view.start()
  reconciling.start()
  logger.info(
    { publicUrl: api.config.publicUrl, cluster: settings.clusterKind, roles: settings.roles },
    `the platform listens at ${loopbackUrl()}`,
  )

  return {
    url: loopbackUrl(),
    metricsPort: metricsListener?.port ?? null,
    setupUrl: (await hasAccounts(db)) ? null : setupUrlOf(api.config.publicUrl, api.setupCode),
    stats: () => ({
      apps: view.apps.stats(),
      caches: view.caches.stats(),
      certificates: view.certificates?.stats() ?? null,
      reconciling: reconciling.stats(),
      hub: view.hub.stats(),
      terminals: view.terminals.stats(),
      hooks: hooks.stats(),
      calls: api.limits.calls.stats(),
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
      await metricsListener?.close()
      await view.stop()
      mailer?.close()
      await cluster.close()
      await db.close()
      logger.info('the platform has stopped')
    },
  }
}

/** The sources of this process, or those of the one with the role `git`. */
function sourcesOf(
  { gitUrl, privateFetch }: PlatformSettings,
  db: Database,
  repositories: Repositories | null,
  tokens: SourceTokens,
): BuildSources {
  if (repositories !== null) return createBuildSources(db, repositories, createFetchGuard(privateFetch))
  if (gitUrl === null)
    throw new Error('Without repositories of its own a platform needs the address of those that are.')
  return createRemoteSources(gitUrl, tokens)
}

/** The commits in the repositories of this process, or of the one with the role `git`. */
function historyOf(
  { gitUrl }: PlatformSettings,
  repositories: Repositories | null,
  tokens: SourceTokens,
): ApiDependencies['ports']['history'] {
  if (repositories !== null) return createCommitHistory(repositories)
  if (gitUrl === null)
    throw new Error('Without repositories of its own a platform needs the address of those that are.')
  return createRemoteHistory(gitUrl, tokens)
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
  owner: InstallationId
  config: ApiConfig
  db: Database
  now: () => Date
  view: ReturnType<typeof createClusterView>
  buildLogs: ApiDependencies['ports']['buildLogs']
  isolation: ApiDependencies['ports']['isolation']
  health: ApiDependencies['ports']['health']
  history: ApiDependencies['ports']['history']
  disk: ApiDependencies['ports']['problem']
  mailer: Mailer | null
  logger: Logger
}): ApiDependencies {
  const { settings, owner, config, db, now, view, buildLogs, isolation, health, history, disk, mailer, logger } = parts
  return {
    db,
    now,
    loginLimiter: createLoginLimiter(db),
    mailLimiter: createMailLimiter(db),
    limits: createApiLimits(settings.limits),
    setupCode: setupCodeOf(settings.secretKey, owner.id),
    apps: view.apps,
    config,
    ports: {
      ...{ resources: view.resources, logs: view.logs, live: view.hub, buildLogs, isolation, history },
      terminals: view.terminals,
      manifests: createManifestReader(db, settings, view.apps),
      dns: createTxtReader(settings.dnsServers),
      remotes: { test: (source) => testRemote(source, createFetchGuard(settings.privateFetch)) },
      health,
      mailer,
      onMailFailure: (err) => logger.warn({ err }, 'a mail could not be sent'),
      problem: () => disk().catch(() => null),
    },
  }
}

function configOf(settings: PlatformSettings, canBuild: boolean): ApiConfig {
  return {
    publicUrl: settings.publicUrl ?? '',
    internalUrl: settings.internalUrl,
    appsDomain: settings.appsDomain,
    appsScheme: appsSchemeOf(settings),
    appsPort: settings.appsPort,
    appsShareThePort: settings.clusterKind === 'local',
    registry: settings.registry,
    registryPushUrl: settings.registryPushUrl,
    sessionLifetime: settings.sessionLifetime,
    verifyDomains: settings.verifyDomains,
    buildConcurrency: settings.buildConcurrency,
    capabilities: describeCapabilities({ ...settings, registry: canBuild ? settings.registry : null }),
  }
}

/** Requests under way get a moment to end; what is still open then is cut. */
async function drain(server: FastifyInstance): Promise<void> {
  const timer = setTimeout(() => server.server.closeAllConnections(), DRAIN_MS)
  await server.close()
  clearTimeout(timer)
}
