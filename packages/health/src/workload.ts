import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import type { HealthContext } from './context.ts'
import type { Finding } from './finding.ts'
import type { AppObjects } from './objects.ts'

/** What runs the instances of a process, whatever Kubernetes calls it. */
export interface ObservedWorkload {
  /** Release of its pod template. */
  release: number | null
  /** Instances that it is asked for. */
  replicas: number
  /** Every instance is of the present template and available, and no older one is left. */
  isRolledOut: boolean
  /** Whether the present template was rolled out before, whatever happened to its instances since. */
  wasRolledOut(pods: readonly Pod[]): boolean
  finding(context: HealthContext): Finding
}

/** Finds what runs a process; null while it is not in the cluster. */
export type ObserveWorkload = (objects: AppObjects, process: string) => ObservedWorkload | null
