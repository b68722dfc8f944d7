import type { HealthStatus } from './health-status.ts'
import type { RunState } from './state.ts'

/**
 * Health with its reason. `state` is the word for it on every page, `reason` the CamelCase word for programs and tooltips
 * (`CrashLoopBackOff`), `message` one plain sentence for people, `action` what to do about it (null when nothing is to be done).
 */
export interface Health {
  status: HealthStatus
  state: RunState
  reason: string
  message: string
  action: string | null
}
