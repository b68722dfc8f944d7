import type { Health, InstanceView, ProcessKind, ProcessView, ReleaseStatus, Repair, TrackFacts } from '@slipway/domain'

/** Which container's log shows the cause. */
export interface LogSource {
  pod: string
  container: string
  /** True when the container that failed has been replaced since: its log is the previous one's. */
  previous: boolean
  /** Id of the run that failed (`containerID`): each run has a log of its own. Empty when the status does not say. */
  run: string
}

/** Why isn't it live? The pure part of domain's WhyView: the log's lines are for the caller to add. */
export interface Why {
  /** One sentence with the cause. */
  sentence: string
  /** The cause alone, in the same words for every app that it holds back. */
  cause: string
  /** What to do, one sentence. */
  action: string
  /** CamelCase word for programs. */
  reason: string
  /** What the cluster said, where the sentence does not have all of it. */
  detail: string | null
  /** The best first. */
  repairs: Repair[]
  process: string | null
  /** Pod name. */
  instance: string | null
  /** Where the last log lines of what failed are; null where nothing ran. */
  log: LogSource | null
}

export interface ProcessHealth {
  name: string
  kind: ProcessKind
  wanted: number
  /** Instances of the wanted release that are ready. */
  ready: number
  /** Ready instances of other releases. */
  others: ProcessView['others']
  health: Health
}

export interface AppHealth {
  health: Health
  /** The newest release of which every wanted process has a ready instance; null when none serves. */
  servingRelease: number | null
  /** Newest release first, then by process and name. */
  instances: InstanceView[]
  processes: ProcessHealth[]
  /** Of the release the app points at; null when nothing was deployed yet. */
  rollout: Rollout | null
  /** Null when the app is live, is getting there without trouble, or nothing was deployed yet. */
  why: Why | null
  /** When time alone may change the answer, in milliseconds from now: look again then. Null when only a change of objects can. */
  lookAgainInMs: number | null
}

/** How far a release has come. */
export interface Rollout {
  /** As that of a release that was just asked for. */
  status: ReleaseStatus
  /** Ready instances of this release, and how many are wanted. */
  ready: number
  wanted: number
  /** One sentence. */
  message: string
  /** What the rollout's state machine is told. */
  stable: TrackFacts
}
