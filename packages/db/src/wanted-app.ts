import type {
  AppRef,
  BuildSettings,
  BuildStatus,
  EnvironmentKind,
  GitHost,
  ProcessDefinition,
  ProcessScale,
  ReleaseKind,
  ReleaseStatus,
  ScaleRule,
} from '@slipway/domain'

/** A release as lists show it; dates are RFC 3339. */
export interface ReleaseRow {
  number: number
  kind: ReleaseKind
  status: ReleaseStatus
  description: string
  message: string | null
  by: string
  createdAt: Date
  liveAt: Date | null
  image: string
  /** ProcessDefinition[] */
  processes: unknown
  /** ConfigChange[] */
  configChanges: unknown
  buildNumber: number | null
  commit: string | null
  rollbackOf: number | null
  originEnvironment: string | null
  originRelease: number | null
  command: CommandRow | null
}

/** The run of a release's own command. */
export interface CommandRow {
  id: string
  startedAt: Date | null
  endedAt: Date | null
  stopRequestedAt: Date | null
  exitCode: number | null
  failure: string | null
}

/** A build as lists show it. */
export interface BuildRow {
  id: string
  number: number
  status: BuildStatus
  trigger: 'push' | 'webhook' | 'manual'
  strategy: string | null
  commit: string
  branch: string
  message: string
  by: string
  createdAt: Date
  startedAt: Date | null
  finishedAt: Date | null
  failure: string | null
  /** SlipwayFile of its source. */
  slipwayFile: unknown
  release: { number: number } | null
}

/** One process as it is wanted: how it starts is the release's, how much of it runs the app's. */
export interface WantedProcess extends ProcessDefinition, ProcessScale {
  /** Every instance is to have started later than this. */
  restartedAt: string | undefined
  /** Its schedule, and why the rule in force is not followed. */
  scaleRules: ScaleRule[]
  scaleProblem: string | null
}

/** The release that an app points at. */
export interface WantedRelease {
  number: number
  status: ReleaseStatus
  message: string | null
  image: string
  buildNumber: number | null
  liveAt: Date | null
  /** Built by the native builder, whose images have a user of their own. */
  isNative: boolean
  /** What it runs before it is deployed; null where it has no such command. */
  command: CommandRow | null
}

/** What the cluster said last and somebody wrote down: shown until it is observed anew. */
export interface StoredObservation {
  /** Health of the domain package. */
  health: unknown
  /** WhyView of the domain package. */
  why: unknown
  servingRelease: number | null
  generation: number
  /** What the API server refuses of the app's objects. */
  refusals: unknown
}

/** An app as its rows want it: all that reconciling, health and views read of the database, but for its config. */
export interface WantedApp {
  id: string
  ref: AppRef
  teamId: string
  environmentId: string
  environmentKind: EnvironmentKind
  namespace: string
  createdAt: Date
  /** Unwanted: what runs is taken down, then the row goes. */
  isDeleted: boolean
  sourceKind: 'git' | 'image'
  source: { host: GitHost; repositoryUrl: string; branch: string } | null
  settings: BuildSettings
  deployBranch: string | null
  /** Left part of the generated host. */
  hostPrefix: string
  /** Hosts that people chose and that are theirs, as they were added. */
  hostnames: string[]
  /** Hosts that are yet to be proven. */
  claims: { hostname: string; token: string; problem: string | null; checkedAt: Date | null }[]
  generation: number
  releaseCount: number
  /** Number of the release that is wanted; null when nothing is deployed. */
  release: number | null
  current: WantedRelease | null
  /** Of the current release. */
  processes: WantedProcess[]
  /**
   * The release that the cluster is to run: the current one once its command has succeeded, until then the newest before it that was
   * to be deployed; null when there is none.
   */
  deployed: (WantedRelease & { processes: WantedProcess[] }) | null
  /** The newest release before the current one that was live: where a rollback goes. */
  fallback: number | null
  /** Pods that are to be replaced. */
  restarts: string[]
  /** Newest first, at most ten. */
  releases: ReleaseRow[]
  builds: BuildRow[]
  stored: StoredObservation
}
