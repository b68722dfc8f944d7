import type { ProcessKind } from '@slipway/domain'
import type { Deployment, ReplicaSet } from 'kubernetes-types/apps/v1.d.ts'
import type { Event, Node, Pod } from 'kubernetes-types/core/v1.d.ts'

/** What people asked for, as far as health depends on it. */
export interface WantedApp {
  /** The release the app points at; null when nothing was deployed yet. */
  release: number | null
  /** `memoryMiB`: the limit of each instance, where a larger one may be proposed. */
  processes: readonly { name: string; kind: ProcessKind; instances: number; memoryMiB?: number }[]
  /** The newest release before it that was live: where a rollback goes. */
  fallback?: number | null
}

/**
 * All that the health of an app is computed from: what is wanted, and the objects of the app as the cluster has them (those
 * with the label `slipway.dev/app`; events are those of the namespace or a selection of them, in any order).
 */
export interface AppObjects {
  wanted: WantedApp
  deployments: readonly Deployment[]
  replicaSets: readonly ReplicaSet[]
  pods: readonly Pod[]
  events: readonly Event[]
  /** All pods of the namespace, which share its quota; asked for only where a quota refused a pod. Default: `pods`. */
  namespacePods?: () => readonly Pod[]
  /** A node by its name; without it a lost one is not named. */
  node?: (name: string) => Node | undefined
  /** The present, in milliseconds since 1970: ages in sentences are reckoned from it. */
  nowMs: number
}
