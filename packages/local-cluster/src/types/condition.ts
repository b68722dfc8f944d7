export interface Condition {
  type: string
  status: 'True' | 'False' | 'Unknown'
  reason?: string
  message?: string
  lastTransitionTime?: string
  lastUpdateTime?: string
  lastProbeTime?: string | null
  /** Nodes only. */
  lastHeartbeatTime?: string
  observedGeneration?: number
}
