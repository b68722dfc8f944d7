import type { BuildStatus } from '../build-status.ts'
import type { TeamCreation } from '../inputs/admin.ts'
import type { ResourceLimits, Resources } from '../quota.ts'
import type { BuildRef } from '../refs.ts'
import type { CapacityView, Measured } from './team.ts'

/** One node of the cluster. */
export interface NodeView {
  name: string
  /** `lost`: its kubelet does not report; `cordoned`: takes no new pods. */
  state: 'ready' | 'not_ready' | 'lost' | 'cordoned'
  /** What is wrong with it, in a sentence; null when nothing is. */
  problem: string | null
  allocatable: Resources
  /** What the pods on it request. */
  reserved: Resources
  used: Measured
  kubelet: string
}

/** The cluster as operators see it. Nodes are null while it is away. */
export interface ClusterCapacityView {
  nodes: NodeView[] | null
  capacity: CapacityView | null
  /** What pods request that no node has taken yet. */
  waiting: Resources | null
  /** Sum of the teams' quotas; a resource that some team has no quota of is null. */
  promised: ResourceLimits
}

/** One of Slipway's own parts. */
export interface PartView {
  name: string
  ok: boolean
  /** One sentence. */
  says: string
}

/** A queue of work. Depths are those of the process that answers. */
export interface QueueView {
  name: string
  waiting: number
  running: number
  /** Runs and failures since the process began. */
  done: number
  failed: number
}

/** The health of Slipway itself. */
export interface InstallationHealthView {
  parts: PartView[]
  /** Null where another process has them: the one that reconciles. */
  queues: QueueView[] | null
  builds: { running: number; queued: number; limit: number }
}

export interface AdminTeamView {
  team: string
  name: string
  members: number
  /** Names of at most three. */
  owners: string[]
  apps: number
  limits: ResourceLimits
  /** An operator set the quota, so that the team's admins cannot change it. */
  byOperator: boolean
  reserved: Resources
  taken: Resources
  used: Measured
}

export interface AdminAccountView {
  email: string
  name: string
  operator: boolean
  createdAt: string
  /** When it was deactivated; null while it is active. */
  deactivatedAt: string | null
  teams: string[]
}

export interface AdminBuildView {
  ref: BuildRef
  status: BuildStatus
  commit: string
  branch: string
  by: string
  createdAt: string
  startedAt: string | null
  /** It is to end, and has not yet. */
  cancelling: boolean
}

export interface OperatorEventView {
  id: string
  at: string
  actor: string
  action: string
  subject: string
  summary: string
}

export interface InstallationSettingsView {
  teamCreation: TeamCreation
}
