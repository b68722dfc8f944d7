import type { Health, InstanceView, ProcessView, WhyView } from '@slipway/domain'
import type { Rollout } from '@slipway/health'

/** The observed half of an app: what the informer caches show of it, or where these cannot say, what was written down last. */
export interface ObservedApp {
  health: Health
  why: WhyView | null
  /** The release whose instances serve; null when none does. */
  servingRelease: number | null
  instances: InstanceView[]
  /** What each process does, by its name. */
  processes: Readonly<Record<string, Pick<ProcessView, 'ready' | 'status' | 'state' | 'others'>>>
  /** What keeps the command of the current release from starting, in a sentence; null where nothing does. */
  releaseCommandWait: string | null
  /** How far the current release has come; null where the cluster does not say, or nothing is deployed. */
  rollout: Rollout | null
  /** `stored`: the caches have not synced. `stale`: the cluster answered once, and does not now. */
  source: 'caches' | 'stale' | 'stored'
  /** When the mere passing of time may change it, in milliseconds; null when only a change can. */
  lookAgainInMs: number | null
}
