import type { CapacityView, NodeView, Resources } from '@slipway/domain'

/** What the cluster holds and what of it is used. */
export interface ClusterResources {
  /** Measured by namespace; null where nothing measures, or it does not answer. */
  used(): Promise<ReadonlyMap<string, Resources> | null>
  /** Null while the cluster is away. */
  capacity(): Promise<CapacityView | null>
  /** Nodes by name, and what waits for one; null while the cluster is away. */
  nodes(): Promise<{ nodes: NodeView[]; waiting: Resources } | null>
}
