import type { BuildSettings, BuildStrategy, SlipwayFile } from '../build-settings.ts'
import type { BuildStatus } from '../build-status.ts'
import type { DeliveryStatus, GitHost } from '../delivery-status.ts'
import type { Health } from '../health.ts'
import type { HealthStatus } from '../health-status.ts'
import type { EnvironmentKind } from '../inputs/team.ts'
import type { ProcessKind } from '../process-kind.ts'
import type { ProcessOptions } from '../process-options.ts'
import type { AppRef } from '../refs.ts'
import type { ReleaseCommandStatus } from '../release-command.ts'
import type { ReleaseKind, ReleaseStatus } from '../release-status.ts'
import type { Repair } from '../repair.ts'
import type { Role } from '../roles.ts'
import type { ScaleRule } from '../scale-rules.ts'
import type { RunState } from '../state.ts'
import type { CertificateView } from './certificate.ts'

/** One row of a list of apps. */
export interface AppSummary {
  ref: AppRef
  environmentKind: EnvironmentKind
  sourceKind: 'git' | 'image'
  health: Health
  /** What holds it back, in the same words for every app that it holds back; null where nothing does. */
  cause: string | null
  /** First address, null without an ingress or a web process. */
  url: string | null
  instances: { ready: number; wanted: number }
  /** The newest release, whatever became of it. */
  lastRelease: { number: number; description: string; status: ReleaseStatus; by: string; at: string } | null
  /** A build that is queued or running. */
  activeBuild: { number: number; status: BuildStatus } | null
}

export interface ProcessView {
  name: string
  kind: ProcessKind
  /** Shell line or argv joined for people; null is the image's own command. */
  command: string | null
  instances: number
  cpuMillis: number
  memoryMiB: number
  /** Health check, stop and drain times, as the current release has them; what is not set has its default. */
  options: ProcessOptions
  /** Its schedule: counts by cron expression; none leaves the count to people. */
  scaleRules: ScaleRule[]
  /** Why the rule in force is not followed, in a sentence; null when it is. */
  scaleProblem: string | null
  /** Instances of the app's current release that are ready. */
  ready: number
  status: HealthStatus
  state: RunState
  /** Ready instances of other releases, newest first: what runs on while a rollout goes on or fails. */
  others: { release: number; ready: number }[]
}

/** One running copy. */
export interface InstanceView {
  /** Pod name. */
  name: string
  process: string
  state: RunState
  /** Word of kubectl's STATUS column: Running, CrashLoopBackOff, Terminating… */
  reason: string
  ready: boolean
  restarts: number
  startedAt: string | null
  release: number
  /** Why it is not ready, in a sentence; null when it is. */
  message: string | null
}

/** Why isn't it live? Null on AppView when it is, or when nothing was deployed yet. */
export interface WhyView {
  /** One sentence with the cause. */
  sentence: string
  /** The cause alone, in the same words for every app that it holds back. */
  cause: string
  /** What to do, one sentence. */
  action: string
  /** CamelCase word for programs and tooltips: `CrashLoopBackOff`. */
  reason: string
  /** What the cluster said, where the sentence does not have all of it. */
  detail: string | null
  /** What can be done about it, the best first; roles are not looked at. */
  repairs: Repair[]
  /** The last log lines of what failed, at most 20. */
  logTail: string[]
  /** Where the cause lies, for a link. */
  instance: string | null
  process: string | null
  build: number | null
}

/** The TXT record that proves whose a host name is. */
export interface DomainProof {
  name: string
  value: string
  /** What DNS said when it was asked last; null: it was not asked yet. */
  problem: string | null
  checkedAt: string | null
}

/** A host name that leads to the app, or will when it is proven. */
export interface DomainView {
  hostname: string
  /** With scheme and port. */
  url: string
  generated: boolean
  /** What DNS has to say before it leads to the app; null when it does. */
  proof: DomainProof | null
  /** Why Kubernetes refuses it, in its words; null when it does not. */
  refusal: string | null
  /** Null where Slipway asks for no certificates: without an issuer, or behind a Gateway. */
  certificate: CertificateView | null
}

export interface AppView extends AppSummary {
  role: Role
  createdAt: string
  /** The release the app points at, and the one that serves (older while a rollout is stuck). */
  currentRelease: number | null
  servingRelease: number | null
  why: WhyView | null
  processes: ProcessView[]
  instanceList: InstanceView[]
  domains: DomainView[]
  /** Clone and push address of the app's own git. */
  gitUrl: string
  image: string | null
  source: { host: GitHost; repositoryUrl: string; branch: string } | null
  settings: BuildSettings
  /** The branch whose pushes to the app's own git are deployed; null until the first push chooses it. */
  deployBranch: string | null
  /** What slipway.yaml said in the newest build whose tree had one as its newest, null otherwise. */
  slipwayFile: { build: number; commit: string; file: SlipwayFile } | null
  /** Newest first, at most 10. */
  recentReleases: ReleaseView[]
  recentBuilds: BuildView[]
  /** What this app needs and the installation lacks, one sentence each. */
  notConfigured: string[]
}

export interface ConfigChange {
  key: string
  change: 'added' | 'changed' | 'removed'
}

export interface ReleaseView {
  number: number
  kind: ReleaseKind
  status: ReleaseStatus
  /** "Deploy 1a2b3c4 from main", "Set DATABASE_URL", "Roll back to v3". */
  description: string
  /** Why it failed or was cancelled; null otherwise. */
  message: string | null
  by: string
  at: string
  /** When all its instances were ready. */
  liveAt: string | null
  image: string
  build: number | null
  commit: string | null
  rollbackOf: number | null
  /** The release that the image was promoted from; null where it was not. */
  promotedFrom: { environment: string; release: number } | null
  /** Names of what it runs. */
  processes: string[]
  /** What it runs before it is deployed; null where it has no release process. */
  command: ReleaseCommandView | null
  configChanges: ConfigChange[]
}

/** The command of a release's `release` process: it runs once, before anything of the release is deployed. */
export interface ReleaseCommandView {
  status: ReleaseCommandStatus
  startedAt: string | null
  endedAt: string | null
  /** Null while it runs, and where it did not end by itself. */
  exitCode: number | null
  /** Why it ended in another way than by its own exit code. */
  failure: string | null
}

export interface BuildView {
  number: number
  status: BuildStatus
  trigger: 'push' | 'webhook' | 'manual'
  /** Null until it is chosen. */
  strategy: BuildStrategy | null
  commit: string
  branch: string
  message: string
  by: string
  createdAt: string
  startedAt: string | null
  finishedAt: string | null
  /** One sentence: what failed and what to do. */
  failure: string | null
  release: number | null
}

export interface ConfigVarView {
  key: string
  /** Never the value: its length class, as dots. */
  masked: string
  updatedAt: string
  updatedBy: string
}

export interface WebhookView {
  url: string
  secret: string
  host: GitHost
  repositoryUrl: string
  branch: string
}

export interface DeliveryView {
  id: string
  /** The git host's own delivery id. */
  deliveryId: string
  event: string
  status: DeliveryStatus
  /** What became of it, in a sentence. */
  reason: string
  commit: string | null
  build: number | null
  release: number | null
  receivedAt: string
}

/** A command that runs once. */
export interface RunView {
  id: string
  release: number
  command: string[]
  cpuMillis: number
  memoryMiB: number
  timeoutSeconds: number
  mode: import('../run-mode.ts').RunMode
  by: string
  /** The caller started it, and may use its terminal. */
  own: boolean
  createdAt: string
  endedAt: string | null
  /** Somebody asked it to stop. */
  stopped: boolean
  /** Null while it runs, and where it did not end by itself. */
  exitCode: number | null
  /** Why it ended in another way than by its own exit code. */
  failure: string | null
}
