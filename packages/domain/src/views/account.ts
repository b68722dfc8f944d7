import type { AccountAction } from '../account-actions.ts'
import type { Role } from '../roles.ts'
import type { TokenScope } from '../token-scopes.ts'

/** Times in views are ISO 8601 strings in UTC. */
export interface AccountView {
  email: string
  name: string
  /** May see /admin: the first account, and whom it names. */
  operator: boolean
  /** False where only operators make teams. */
  mayCreateTeams: boolean
  teams: { team: string; name: string; role: Role }[]
}
export interface TokenView {
  id: string
  name: string
  /** First characters, to recognise it by. */
  hint: string
  scope: TokenScope
  createdAt: string
  lastUsedAt: string | null
  expiresAt: string | null
}
/** The secret is shown once and never again. */
export interface NewTokenView extends TokenView {
  secret: string
}
/** device.start: what a command line shows and polls with. */
export interface DeviceLoginStarted {
  /** Polls with it; never shown. */
  secret: string
  /** `BCDF-GHJK` */
  code: string
  /** The page that asks for the code. */
  url: string
  expiresInSeconds: number
  intervalSeconds: number
}
/** device.poll; the token comes once. */
export type DeviceLoginAnswer =
  | { status: 'pending' | 'slow_down'; intervalSeconds: number }
  | { status: 'refused' }
  | { status: 'expired' }
  | { status: 'approved'; token: NewTokenView }
/** A command line that waits to be let in, as whom it asks sees it. */
export interface DeviceLoginView {
  request: string
  code: string
  computer: string
  address: string
  /** True when it asks from the same network as the person who looks at it. */
  sameNetwork: boolean
  askedAt: string
  expiresAt: string
  scope: TokenScope
  expiresInDays: number
}
/** A signed-in browser. */
export interface SessionView {
  id: string
  /** "Firefox on Linux". */
  device: string
  address: string
  createdAt: string
  lastUsedAt: string
  /** True for the one that asks. */
  current: boolean
}
/** What happened to an account. */
export interface AccountEventView {
  id: string
  at: string
  action: AccountAction
  summary: string
  address: string
  /** How often, from this address within the hour. */
  count: number
}
/** A link with which its holder sets an account's password; its secret is shown once. */
export interface ResetLinkView {
  email: string
  url: string
  expiresAt: string
}
/** What session.verifyPassword answers; `sessionId` goes into the session's JWT and is looked up on every request. */
export interface SignedIn {
  id: string
  email: string
  name: string
  sessionId: string
}
/** setup.status */
export interface SetupView {
  needsFirstAccount: boolean
  /** What this installation can do, so that the product can say what is not configured. */
  capabilities: Capabilities
  /** How apart apps are on the local cluster; null on a real one, and while it is not known. */
  isolation: Isolation | null
  /** A sentence about what keeps the whole installation from its work, such as a full disk; null otherwise. */
  problem: string | null
}
/**
 * How a local cluster keeps apps apart. `runtime`: each in a container of an OCI runtime; `user`: each a user of its own without
 * rights; `view`: Slipway's state and others' files are hidden from each; `none`: plain processes of one machine.
 */
export const ISOLATIONS = ['runtime', 'user', 'view', 'none'] as const
export type Isolation = (typeof ISOLATIONS)[number]
export interface Capabilities {
  cluster: 'local' | 'kubernetes'
  /** False: no registry is configured, source cannot be built. */
  builds: boolean
  /** False: no ingress is configured, apps have no address of their own. */
  ingress: boolean
  /** False: no mail server is configured, so links are handed over by people. */
  mail: boolean
  /** One sentence for each missing part that says how to configure it. */
  missing: string[]
}
