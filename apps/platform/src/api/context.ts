import type { Database } from '@slipway/db'
import type { Identity } from '../auth/caller.ts'
import type { LoginLimiter } from '../auth/login-limiter.ts'
import type { ApiConfig, ApiPorts } from './ports.ts'

/** Made once at start. */
export interface ApiDependencies {
  db: Database
  config: ApiConfig
  ports: ApiPorts
  loginLimiter: LoginLimiter
  now: () => Date
}

/** What one request brings. `createRequestContext` makes it from headers. */
export interface RequestInfo {
  identity: Identity
  /** Client address, after trusted proxies. */
  address: string
  /** True when the request comes from a page of our own origin, or from no page at all. */
  sameOrigin: boolean
  transport: 'http' | 'websocket'
  /** The WebSocket that subscriptions run over; absent over HTTP. */
  connection?: LiveConnection
}

/** What a subscription must know of its WebSocket. */
export interface LiveConnection {
  /** Bytes that the client has not taken yet: streams wait while this is high instead of filling memory. */
  backlogBytes(): number
  /** Asks again who the caller is: a session or token may have been revoked since the connection was made. */
  identify(): Promise<Identity>
}

export type ApiContext = ApiDependencies & RequestInfo
