import type { ProcessKind } from '@slipway/domain'
import { observeDeployment } from './deployment.ts'
import type { ObserveWorkload } from './workload.ts'

/** Which kind of workload each kind of process is judged by: one file each; the compiler names the one that is missing. */
export const WORKLOADS = {
  web: observeDeployment,
  worker: observeDeployment,
  // Runs before anything of the release is in the cluster, by a Job of its own.
  release: () => null,
} as const satisfies Record<ProcessKind, ObserveWorkload>
