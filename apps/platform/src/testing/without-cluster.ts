import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTestDatabase, TEST_SECRET_KEY, type TestDatabase } from '@slipway/db/testing'
import type { PlatformSettings } from '../env.ts'
import { DEFAULT_ACCOUNT_SETTINGS } from '../env-accounts.ts'
import { DEFAULT_LIMITS } from '../env-limits.ts'
import { LOCAL_NETWORK } from '../env-network.ts'
import { NO_ROUTING } from '../env-routing.ts'
import { startPlatform } from '../platform.ts'
import { createLogger } from '../server/logger.ts'
import { type ApiClient, createApiClient } from './client.ts'

/** A platform whose cluster is away: for what must work, or be said, without one. */
export interface LonePlatform {
  url: string
  stateDir: string
  database: TestDatabase
  /** Of the first account, ada@example.com. */
  password: string
  token: string
  api(token?: string | null): ApiClient
  /** Pushes under way. */
  pushes(): number
  stop(): Promise<void>
}

const PASSWORD = 'correct horse battery staple'

export async function startWithoutCluster(changes: Partial<PlatformSettings> = {}): Promise<LonePlatform> {
  const ownDir = await mkdtemp(join(tmpdir(), 'slipway-test-'))
  const stateDir = changes.stateDir ?? ownDir
  const kubeconfigPath = join(ownDir, 'kubeconfig')
  await writeFile(kubeconfigPath, JSON.stringify(NOBODY_THERE))
  const database = await createTestDatabase()
  const settings: PlatformSettings = {
    databaseUrl: database.url,
    kubeconfigPath,
    stateDir,
    roles: ['web', 'reconcile', 'git'],
    gitUrl: null,
    publicUrl: null,
    appsDomain: 'localhost',
    appsScheme: null,
    appsPort: null,
    ...NO_ROUTING,
    ...DEFAULT_ACCOUNT_SETTINGS,
    ...LOCAL_NETWORK,
    mail: null,
    privateFetch: ['loopback'],
    ingressClass: 'slipway',
    registry: 'registry.slipway.internal',
    registryPushUrl: 'http://127.0.0.1:9',
    internalUrl: null,
    builderImage: null,
    clusterKind: 'local',
    secretKey: TEST_SECRET_KEY,
    sessionSecret: 'session secret of the tests, long enough to sign with',
    consoleUrl: null,
    registryConfig: null,
    registryTokenKey: null,
    registryOperator: null,
    baseImages: {},
    installation: null,
    pushTimeoutMs: 5 * 60_000,
    buildConcurrency: 2,
    limits: DEFAULT_LIMITS,
    buildTimeoutMs: 60_000,
    listenHost: '127.0.0.1',
    listenPort: 0,
    metricsPort: null,
    logLevel: 'silent',
    admin: { email: 'ada@example.com', password: PASSWORD },
    adminPasswordFile: null,
    ...changes,
  }
  const platform = await startPlatform(settings, { logger: createLogger(settings.logLevel, process.stderr) })
  const { secret: token } = await createApiClient(platform.url, null).session.login.mutate({
    email: 'ada@example.com',
    password: PASSWORD,
    tokenName: 'tests',
  })
  const api = (own: string | null = token) => createApiClient(platform.url, own)
  await api().team.create.mutate({ name: 'Acme', team: 'acme' })
  await api().project.create.mutate({ team: 'acme', name: 'Shop', project: 'shop' })
  return {
    url: platform.url,
    stateDir,
    database,
    password: PASSWORD,
    token,
    api,
    pushes: () => Number(platform.stats().pushes),
    async stop() {
      await platform.close()
      await database.stop()
      await rm(ownDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
    },
  }
}

/** Port 1 of this machine refuses connections. */
const NOBODY_THERE = {
  apiVersion: 'v1',
  kind: 'Config',
  clusters: [{ name: 'away', cluster: { server: 'http://127.0.0.1:1' } }],
  users: [{ name: 'nobody', user: { token: 'none' } }],
  contexts: [{ name: 'away', context: { cluster: 'away', user: 'nobody' } }],
  'current-context': 'away',
}
