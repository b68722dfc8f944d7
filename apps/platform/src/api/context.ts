import type { Database } from '@slipway/db'
import type { AppState } from '../apps/app-state.ts'
import type { Identity } from '../auth/caller.ts'
import type { LoginLimiter } from '../auth/login-limiter.ts'
import type { MailLimiter } from '../mail/limiter.ts'
import type { ApiConfig } from '../ports/config.ts'
import type { ApiLimits } from './limits.ts'
import type { ApiPorts } from './ports.ts'

/** Made once at start. */
export interface ApiDependencies {
  db: Database
  config: ApiConfig
  /** Every app, as it is wanted and observed. */
  apps: AppState
  ports: ApiPorts
  loginLimiter: LoginLimiter
  mailLimiter: MailLimiter
  limits: ApiLimits
  /** Makes the first account. */
  setupCode: string
  now: () => Date
}

/** What one request brings. `createRequestContext` makes it from headers. */
export interface RequestInfo {
  identity: Identity
  /** Client address, after trusted proxies. */
  address: string
  /** The client's User-Agent, where it sends one. */
  userAgent?: string | undefined
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
