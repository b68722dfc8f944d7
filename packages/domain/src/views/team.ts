import type { EnvironmentKind } from '../inputs/team.ts'
import type { ResourceLimits, Resources } from '../quota.ts'
import type { Role } from '../roles.ts'
import type { AppSummary } from './app.ts'

export interface TeamView {
  team: string
  name: string
  role: Role
  createdAt: string
  projects: ProjectSummary[]
}
export interface ProjectSummary {
  project: string
  name: string
  createdAt: string
  environments: { environment: string; kind: EnvironmentKind; apps: number }[]
}
export interface ProjectView {
  team: string
  project: string
  name: string
  role: Role
  environments: { environment: string; kind: EnvironmentKind; apps: AppSummary[] }[]
}
export interface MemberView {
  email: string
  name: string
  role: Role
  joinedAt: string
}
export interface InvitationView {
  email: string
  role: Role
  invitedBy: string
  expiresAt: string
}
export interface NewInvitationView extends InvitationView {
  /** Path with the secret, `/invite/…`; shown once. */
  path: string
}
/** What the holder of an invitation link may know. */
export interface InvitationOffer {
  team: string
  teamName: string
  email: string
  role: Role
  hasAccount: boolean
}

/** Credentials for one registry. The password is never answered. */
export interface RegistryView {
  host: string
  username: string
  updatedAt: string
  updatedBy: string
}

/** One line of the quota page. `reserved` is what the apps ask for, `used` what runs now (pods observed). `left` is limit − reserved; of a team, what is neither allotted nor reserved where nothing is allotted. */
export interface UsageView {
  limits: ResourceLimits
  reserved: Resources
  used: Resources
  /** null where there is no limit. */
  left: ResourceLimits
}
export interface QuotaView {
  team: UsageView & { /** Sum of what is allotted to environments. */ allocated: Resources }
  environments: (UsageView & { project: string; environment: string; kind: EnvironmentKind })[]
}
export interface AuditEventView {
  id: string
  at: string
  actor: string
  /** Verb in dotted form, `app.scale`. */
  action: string
  /** Path of slugs it happened to. */
  subject: string
  /** One plain sentence. */
  summary: string
}
export interface Page<T> {
  items: T[]
  nextCursor: string | null
}
