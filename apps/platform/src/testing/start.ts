import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTestDatabase, TEST_SECRET_KEY, type TestDatabase } from '@slipway/db/testing'
import { startLocalCluster } from '@slipway/local-cluster'
import { freePort } from '../../../launcher/src/ports.ts'
import type { PlatformSettings } from '../env.ts'
import { DEFAULT_ACCOUNT_SETTINGS } from '../env-accounts.ts'
import { DEFAULT_LIMITS } from '../env-limits.ts'
import { LOCAL_NETWORK } from '../env-network.ts'
import { NO_ROUTING } from '../env-routing.ts'
import { type Platform, startPlatform } from '../platform.ts'
import { createLogger } from '../server/logger.ts'
import { type ChildPlatform, startChildPlatform } from './child.ts'
import { type ApiClient, createApiClient } from './client.ts'

export type { ApiClient } from './client.ts'

export interface TestPlatformOptions {
  /** Runs apps/platform/src/main.ts as a process of its own, which can be killed. */
  childProcess?: boolean
  /** Changes of the platform's settings. */
  settings?: Partial<PlatformSettings>
  /** Shows the platform's log on stderr from this level on; `silent` when not given. */
  logLevel?: string
  /** Takes the log of the process (childProcess only) instead of stderr. */
  log?: (text: string) => void
}

/** A whole installation on one machine: Postgres, the local cluster and the platform, on free ports and in a temporary directory. */
export interface TestPlatform {
  /** Origin of the platform. */
  url: string
  /** Origin of `/metrics`; null without the setting, and of a process of its own. */
  metricsUrl: string | null
  /** Origin of the ingress: apps answer there by their Host header. */
  ingressUrl: string
  /** Of the administrator, for what a test does to the cluster itself. */
  kubeconfigPath: string
  stateDir: string
  database: TestDatabase
  /** The first account, with an API token; it owns the team `acme` with the project `shop` and its environment `production`. */
  account: { email: string; password: string; token: string }
  environment: { team: 'acme'; project: 'shop'; environment: 'production' }
  /** A tRPC client over HTTP batch; the first account's token when none is given, none at all with null. */
  api(token?: string | null): ApiClient
  /** Address to push an app's source to, credentials included. */
  gitUrl(app: string, token?: string): string
  /** GET of an app's page through the ingress. */
  fetchApp(host: string, path?: string): Promise<{ status: number; body: string }>
  /** Starts another platform process on the same database and cluster, on a port of its own. The caller stops it. */
  another(changes: Partial<PlatformSettings>): Promise<ChildPlatform>
  /** Lets the platform at this origin answer for the registry's tokens, as a Service leads to the one that is alive. */
  askForTokensAt(origin: string): void
  /** Counters of a platform in this process. */
  stats(): ReturnType<Platform['stats']>
  /** Of the platform's process (childProcess only). */
  pid(): number
  /** Stops the platform process with SIGKILL (childProcess only). */
  kill(): Promise<void>
  /** Starts the platform again on the same state and port. */
  start(): Promise<void>
  stop(): Promise<void>
}

const PASSWORD = 'correct horse battery staple'
/** What infra/kubernetes lets the platform do is all that it may do here. */
const ACCESS = join(import.meta.dirname, '../../../../infra/kubernetes/base/access.yaml')
const SESSION_SECRET = 'session secret of the tests, long enough to sign with'

/** Starts everything and makes the first account, team and project. Call `stop` in afterAll. */
export async function startTestPlatform(options: TestPlatformOptions = {}): Promise<TestPlatform> {
  const stateDir = await mkdtemp(join(tmpdir(), 'slipway-test-'))
  const database = await createTestDatabase()
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const publicKey = keys.publicKey.export({ type: 'spki', format: 'pem' }).toString()
  // The platform, which has the token service, is there later.
  const registryTokens = { publicKey, realm: '' }
  const clusterDir = join(stateDir, 'cluster')
  const refused: string[] = []
  const cluster = await startLocalCluster({
    stateDir: clusterDir,
    apiPort: 0,
    ingressPort: 0,
    registryTokens,
    platformAccess: ACCESS,
    onDecision: ({ user, verb, resource, allowed }) => {
      if (!allowed && refused.length < 20) refused.push(`${user} cannot ${verb} ${resource}`)
    },
  })
  // A process of its own cannot tell us its address before it knows it.
  const listenPort = options.childProcess ? await freePort() : 0
  const settings: PlatformSettings = {
    databaseUrl: database.url,
    kubeconfigPath: cluster.platformKubeconfigPath,
    stateDir: join(stateDir, 'platform'),
    roles: ['web', 'reconcile', 'git'],
    gitUrl: null,
    publicUrl: listenPort === 0 ? null : `http://localhost:${listenPort}`,
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
    registryPushUrl: cluster.registryUrl,
    internalUrl: null,
    builderImage: null,
    clusterKind: 'local',
    secretKey: TEST_SECRET_KEY,
    sessionSecret: SESSION_SECRET,
    consoleUrl: null,
    registryConfig: null,
    registryTokenKey: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    registryOperator: null,
    baseImages: {},
    installation: null,
    pushTimeoutMs: 5 * 60_000,
    buildConcurrency: 2,
    limits: DEFAULT_LIMITS,
    buildTimeoutMs: 5 * 60_000,
    listenHost: '127.0.0.1',
    listenPort,
    metricsPort: null,
    logLevel: options.logLevel ?? 'silent',
    admin: { email: 'ada@example.com', password: PASSWORD },
    adminPasswordFile: null,
    ...options.settings,
  }
  let running: Platform | ChildPlatform = await begin(settings, options)
  const origin = running.url
  const askForTokensAt = (alive: string) => {
    registryTokens.realm = `${alive}/registry/token`
  }
  askForTokensAt(origin)
  const port = Number(new URL(origin).port)
  const token = (
    await createApiClient(origin, null).session.login.mutate({
      email: 'ada@example.com',
      password: PASSWORD,
      tokenName: 'tests',
    })
  ).secret
  const api = (own: string | null = token) => createApiClient(origin, own)
  await api().team.create.mutate({ name: 'Acme', team: 'acme' })
  await api().project.create.mutate({ team: 'acme', name: 'Shop', project: 'shop' })
  return {
    url: origin,
    metricsUrl: 'metricsPort' in running && running.metricsPort ? `http://127.0.0.1:${running.metricsPort}` : null,
    ingressUrl: cluster.ingressUrl,
    kubeconfigPath: cluster.kubeconfigPath,
    stateDir,
    database,
    account: { email: 'ada@example.com', password: PASSWORD, token },
    environment: { team: 'acme', project: 'shop', environment: 'production' },
    api,
    gitUrl: (app, own = token) => `${origin.replace('://', `://git:${own}@`)}/git/acme/shop/production/${app}.git`,
    fetchApp: (host, path = '/') => get(cluster.ingressUrl, host, path),
    async another(changes) {
      const ownPort = await freePort()
      return startChildPlatform({ ...settings, listenPort: ownPort, ...changes })
    },
    askForTokensAt,
    stats() {
      if (!('stats' in running)) throw new Error('only a platform in this process has counters')
      return running.stats()
    },
    pid() {
      if (!('pid' in running)) throw new Error('only a platform that is a child process has a process id of its own')
      return running.pid
    },
    async kill() {
      if (!('kill' in running)) throw new Error('only a platform that is a child process can be killed')
      await running.kill()
    },
    async start() {
      running = await begin({ ...settings, listenPort: port }, options)
    },
    async stop() {
      await running.close()
      await cluster.stop()
      await database.stop()
      await rm(stateDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
      if (refused.length > 0) throw new Error(`infra/kubernetes/base/access.yaml lacks a right: ${refused.join('; ')}`)
    },
  }
}

function begin(
  settings: PlatformSettings,
  { childProcess, log }: TestPlatformOptions,
): Promise<Platform | ChildPlatform> {
  if (childProcess) return startChildPlatform(settings, log)
  return startPlatform(settings, { logger: createLogger(settings.logLevel, process.stderr) })
}

/** `fetch` does not let a Host header be set. */
function get(origin: string, host: string, path: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const request = http.get(`${origin}${path}`, { headers: { host }, timeout: 20_000 }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        body += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
      response.on('error', reject)
    })
    request.on('timeout', () => request.destroy(new Error(`${host}${path} did not answer within 20 s`)))
    request.on('error', reject)
  })
}
