import type { AppView, Health, HealthStatus, ReleaseStatus } from '@slipway/domain'
import { type Io, paint, say } from './io.ts'

type Color = 'green' | 'blue' | 'red' | 'yellow' | 'gray'

const COLOR: Record<HealthStatus, Color> = {
  Healthy: 'green',
  Progressing: 'blue',
  Degraded: 'red',
  Missing: 'yellow',
  Unknown: 'yellow',
  Suspended: 'gray',
}

/** The word of a health, in its colour. */
export function paintHealth(io: Io, { status }: Health): string {
  return paint(io, COLOR[status], status)
}

const RELEASE_COLOR: Record<ReleaseStatus, Color> = {
  pending: 'blue',
  rolling_out: 'blue',
  live: 'green',
  superseded: 'gray',
  failed: 'red',
  cancelled: 'gray',
}

/** The word of a release's status, in its colour. */
export function paintReleaseStatus(io: Io, status: ReleaseStatus): string {
  return paint(io, RELEASE_COLOR[status], status.replace('_', ' '))
}

/** How an app is, in a sentence; and when it is not live, why and what to do, with the last lines of the log. */
export function describeHealth(io: Io, app: AppView): void {
  say(io, `${paintHealth(io, app.health)}: ${app.why?.sentence ?? app.health.message}`)
  const action = app.why?.action ?? app.health.action
  if (action) say(io, action)
  for (const line of app.why?.logTail ?? []) say(io, paint(io, 'dim', `  ${line}`))
}
