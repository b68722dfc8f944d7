import type { Role } from '../roles.ts'

/** Times in views are ISO 8601 strings in UTC. */
export interface AccountView {
  email: string
  name: string
  /** May see /admin: the first account, and whom it names. */
  operator: boolean
  teams: { team: string; name: string; role: Role }[]
}
export interface TokenView {
  id: string
  name: string
  /** First characters, to recognise it by. */
  hint: string
  createdAt: string
  lastUsedAt: string | null
  expiresAt: string | null
}
/** The secret is shown once and never again. */
export interface NewTokenView extends TokenView {
  secret: string
}
/** What session.verifyPassword answers; `sessionVersion` goes into the session's JWT and is compared on every request. */
export interface VerifiedAccount {
  id: string
  email: string
  name: string
  sessionVersion: number
}
/** setup.status */
export interface SetupView {
  needsFirstAccount: boolean
  /** What this installation can do, so that the product can say what is not configured. */
  capabilities: Capabilities
  /** How apart apps are on the local cluster; null on a real one, and while it is not known. */
  isolation: Isolation | null
}
/**
 * How a local cluster keeps apps apart. `runtime`: each in a container of an OCI runtime; `view`: a file system view of its own;
 * `none`: plain processes of one machine.
 */
export const ISOLATIONS = ['runtime', 'view', 'none'] as const
export type Isolation = (typeof ISOLATIONS)[number]
export interface Capabilities {
  cluster: 'local' | 'kubernetes'
  /** False: no registry is configured, source can not be built. */
  builds: boolean
  /** False: no ingress is configured, apps have no address of their own. */
  ingress: boolean
  /** One sentence for each missing part that says how to configure it. */
  missing: string[]
}
