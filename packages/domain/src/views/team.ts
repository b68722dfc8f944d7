import type { EnvironmentKind } from '../inputs/team.ts'
import type { Resources } from '../quota.ts'
import type { Role } from '../roles.ts'
import type { Standing } from '../standing.ts'
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

/** What runs, as the cluster measures it (metrics.k8s.io); null where nothing measures it, or it does not answer. */
export type Measured = Resources | null
/** What the cluster's schedulable nodes hold. */
export interface CapacityView {
  allocatable: Resources
  /** What the pods on them request, Slipway's and others'. */
  reserved: Resources
}
/** The numbers of `standingsOf`, with what is measured beside them. */
export interface StandingView extends Standing {
  used: Measured
}
export interface EnvironmentStandingView extends StandingView {
  project: string
  environment: string
  kind: EnvironmentKind
}
export interface QuotaView {
  /** An operator set the team's quota: the team's admins cannot change it. */
  byOperator: boolean
  team: StandingView
  environments: EnvironmentStandingView[]
  /** Null while the cluster is away. */
  capacity: CapacityView | null
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
