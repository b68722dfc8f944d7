import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTestDatabase, TEST_SECRET_KEY, type TestDatabase } from '@slipway/db/testing'
import type { PlatformSettings } from '../env.ts'
import { NO_ROUTING } from '../env-routing.ts'
import { startPlatform } from '../platform.ts'
import { createLogger } from '../server/logger.ts'
import { type ApiClient, createApiClient } from './client.ts'

/** A platform whose cluster is away: for what must work, or be said, without one. */
export interface LonePlatform {
  url: string
  stateDir: string
  database: TestDatabase
  token: string
  api(token?: string | null): ApiClient
  stop(): Promise<void>
}

const PASSWORD = 'correct horse battery staple'

export async function startWithoutCluster(changes: Partial<PlatformSettings> = {}): Promise<LonePlatform> {
  const stateDir = await mkdtemp(join(tmpdir(), 'slipway-test-'))
  const kubeconfigPath = join(stateDir, 'kubeconfig')
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
    baseImages: {},
    installation: null,
    pushTimeoutMs: 5 * 60_000,
    buildConcurrency: 2,
    buildTimeoutMs: 60_000,
    listenHost: '127.0.0.1',
    listenPort: 0,
    logLevel: 'silent',
    admin: { email: 'ada@example.com', password: PASSWORD },
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
    token,
    api,
    async stop() {
      await platform.close()
      await database.stop()
      await rm(stateDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
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
