import type { PartView, QueueView } from '@slipway/domain'

/** The health of Slipway's own parts, as this process sees them. */
export interface InstallationHealth {
  parts(): Promise<PartView[]>
  /** Null where another process reconciles. */
  queues(): QueueView[] | null
}
