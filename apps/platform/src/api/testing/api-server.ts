import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { createTestDatabase, type TestDatabase } from '@slipway/db/testing'
import { AppError, NO_RESOURCES } from '@slipway/domain'
import { createHTTPHandler } from '@trpc/server/adapters/standalone'
import { encode } from 'next-auth/jwt'
import { type Authenticator, createAuthenticator } from '../../auth/authenticate.ts'
import { createLoginLimiter } from '../../auth/login-limiter.ts'
import { type ApiDependencies, type ApiPorts, appRouter, createRequestContext, describeCapabilities } from '../index.ts'

const SESSION_SECRET = 'a secret of the tests that is long enough to sign with'

/** A platform without a cluster: its caches have not synced, its logs are away. */
const WITHOUT_CLUSTER: ApiPorts = {
  cluster: { observeApp: () => null, certificateOf: () => null, usedBy: () => NO_RESOURCES },
  logs: { read: () => Promise.reject(new AppError('unavailable', 'The cluster is away.')) },
  live: {
    onAppChange: () => () => undefined,
    followLogs() {
      throw new AppError('unavailable', 'The cluster is away.')
    },
    followBuildLog() {
      throw new AppError('unavailable', 'No build logs are kept.')
    },
  },
  buildLogs: { tail: () => Promise.resolve([]) },
  isolation: () => Promise.resolve(null),
  // Nobody is asked: these tests are about who may connect what.
  remotes: { test: () => Promise.resolve() },
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
  const dependencies: ApiDependencies = {
    db: database.db,
    config: {
      publicUrl: origin,
      appsDomain: 'localhost',
      appsScheme: null,
      appsPort: null,
      appsShareThePort: true,
      registry: 'registry.slipway.internal',
      registryPushUrl: 'http://127.0.0.1:1',
      capabilities: describeCapabilities({
        clusterKind: 'local',
        registry: 'registry.slipway.internal',
        ingressClass: 'slipway',
        gateway: null,
        appsDomain: 'localhost',
      }),
    },
    ports: WITHOUT_CLUSTER,
    loginLimiter: createLoginLimiter(database.db),
    now,
  }
  const authenticator = createAuthenticator({ db: database.db, sessionSecret: SESSION_SECRET, now })
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

/** What the console's sign-in puts into the cookie. */
export function sessionJwt(
  user: { id: string; email: string; sessionVersion: number },
  maxAge = 3600,
): Promise<string> {
  return encode({
    token: { sub: user.id, email: user.email, sessionVersion: user.sessionVersion },
    secret: SESSION_SECRET,
    maxAge,
  })
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
