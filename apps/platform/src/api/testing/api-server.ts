import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { createSession } from '@slipway/db'
import { createTestDatabase, type TestDatabase } from '@slipway/db/testing'
import { AppError } from '@slipway/domain'
import { createHTTPHandler } from '@trpc/server/adapters/standalone'
import { encode } from 'next-auth/jwt'
import { createAppState } from '../../apps/app-state.ts'
import { describeCapabilities } from '../../apps/capabilities.ts'
import { type Authenticator, createAuthenticator } from '../../auth/authenticate.ts'
import { createLoginLimiter } from '../../auth/login-limiter.ts'
import { DEFAULT_ACCOUNT_SETTINGS } from '../../env-accounts.ts'
import { DEFAULT_LIMITS } from '../../env-limits.ts'
import { createMailLimiter } from '../../mail/limiter.ts'
import type { ApiConfig } from '../../ports/config.ts'
import { type ApiDependencies, type ApiPorts, appRouter, createApiLimits, createRequestContext } from '../index.ts'

const { sessionLifetime } = DEFAULT_ACCOUNT_SETTINGS
/** What DNS has in these tests. */
export const TXT_RECORDS = new Map<string, string[]>()
/** @public for tests that make the first account */
export const SETUP_CODE = 'code2-of345-the67-tests'
const SESSION_SECRET = 'a secret of the tests that is long enough to sign with'

/** A platform without a cluster: its caches have not synced, its logs are away. */
const WITHOUT_CLUSTER: ApiPorts = {
  resources: {
    used: () => Promise.resolve(null),
    capacity: () => Promise.resolve(null),
    nodes: () => Promise.resolve(null),
  },
  logs: { read: () => Promise.reject(new AppError('unavailable', 'The cluster is away.')) },
  live: {
    onAccountChange: () => () => undefined,
    followLogs() {
      throw new AppError('unavailable', 'The cluster is away.')
    },
    followKeptLog() {
      throw new AppError('unavailable', 'No logs are kept.')
    },
    followRun() {
      throw new AppError('unavailable', 'The cluster is away.')
    },
  },
  terminals: {
    followRun() {
      throw new AppError('unavailable', 'The cluster is away.')
    },
    followExec() {
      throw new AppError('unavailable', 'The cluster is away.')
    },
    send: () => true,
    closeExec: () => undefined,
  },
  buildLogs: { tail: () => Promise.resolve([]) },
  history: { between: () => Promise.reject(new AppError('unavailable', 'There are no repositories.')) },
  manifests: { ofRelease: () => Promise.resolve([]) },
  isolation: () => Promise.resolve(null),
  problem: () => Promise.resolve(null),
  // Nobody is asked: these tests are about who may connect what.
  remotes: { test: () => Promise.resolve() },
  dns: { txt: (name) => Promise.resolve(TXT_RECORDS.get(name) ?? []) },
  health: { parts: () => Promise.resolve([]), queues: () => null },
  mailer: null,
  onMailFailure: (error) => {
    throw error
  },
}

export interface ApiServer {
  database: TestDatabase
  dependencies: ApiDependencies
  authenticator: Authenticator
  origin: string
  /** Moves the clock that the API sees. */
  advance(ms: number): void
  stop(): Promise<void>
}

/** The API over real HTTP on a database of its own. */
export async function startApiServer(): Promise<ApiServer> {
  const database = await createTestDatabase()
  let offsetMs = 0
  const now = () => new Date(Date.now() + offsetMs)
  const server = http.createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const origin = `http://localhost:${port}`
  const config: ApiConfig = {
    publicUrl: origin,
    internalUrl: null,
    appsDomain: 'localhost',
    appsScheme: null,
    appsPort: null,
    appsShareThePort: true,
    registry: 'registry.slipway.internal',
    registryPushUrl: 'http://127.0.0.1:1',
    sessionLifetime,
    verifyDomains: 'contested',
    buildConcurrency: 2,
    capabilities: describeCapabilities({
      clusterKind: 'local',
      registry: 'registry.slipway.internal',
      ingressClass: 'slipway',
      gateway: null,
      appsDomain: 'localhost',
      mail: null,
    }),
  }
  const dependencies: ApiDependencies = {
    db: database.db,
    config,
    // Nobody listens to the database here, so every answer reads its rows.
    apps: createAppState({
      ...{ db: database.db, config },
      observe: () => null,
      certificateOf: () => null,
      tail: () => Promise.resolve([]),
      onError: (error) => {
        throw error
      },
    }),
    ports: WITHOUT_CLUSTER,
    loginLimiter: createLoginLimiter(database.db),
    mailLimiter: createMailLimiter(database.db),
    limits: createApiLimits(DEFAULT_LIMITS),
    setupCode: SETUP_CODE,
    now,
  }
  const authenticator = createAuthenticator({ db: database.db, sessionSecret: SESSION_SECRET, sessionLifetime, now })
  server.on(
    'request',
    createHTTPHandler({
      router: appRouter,
      createContext: ({ req }) =>
        createRequestContext(dependencies, authenticator, {
          headers: req.headers,
          address: String(req.headers['x-test-address'] ?? req.socket.remoteAddress),
          transport: 'http',
        }),
    }),
  )
  return {
    database,
    dependencies,
    authenticator,
    origin,
    advance(ms) {
      offsetMs += ms
    },
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await database.stop()
    },
  }
}

/** What the console's sign-in puts into the cookie, with a session of its own. */
export async function sessionJwt(
  server: ApiServer,
  user: { id: string; email: string },
  maxAge = 3600,
): Promise<string> {
  const origin = { device: 'Firefox on Linux', address: '192.0.2.1' }
  const { id } = await createSession(server.database.db, { userId: user.id, ...origin, now: server.dependencies.now() })
  return encode({ token: { sub: user.id, email: user.email, sessionId: id }, secret: SESSION_SECRET, maxAge })
}

export interface Answer {
  status: number
  /** The result's data, or undefined. */
  data: unknown
  error: { message: string; data: Record<string, unknown> } | undefined
}

/** One call over HTTP, as a client without the types would make it. */
export async function call(
  server: ApiServer,
  type: 'query' | 'mutation',
  path: string,
  input: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const query = type === 'query' && input !== undefined ? `?input=${encodeURIComponent(JSON.stringify(input))}` : ''
  const response = await fetch(`${server.origin}/${path}${query}`, {
    method: type === 'query' ? 'GET' : 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: type === 'query' ? null : JSON.stringify(input ?? {}),
  })
  const body = (await response.json()) as { result?: { data: unknown }; error?: Answer['error'] }
  return { status: response.status, data: body.result?.data, error: body.error }
}
