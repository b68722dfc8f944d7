import {
  type AppView,
  appPath,
  type Health,
  type HealthStatus,
  plainText,
  type ReleaseStatus,
  type Repair,
  type RunState,
  releaseWord,
  repairCommand,
  repairsFor,
  stateWord,
} from '@slipway/domain'
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

/** A state in its colour; with --verbose Kubernetes' word behind it, where it is another. */
export function paintState(io: Io, status: HealthStatus, state: RunState, reason?: string): string {
  const word = stateWord(state)
  const beside = io.verbose && reason !== undefined && reason !== word ? ` (${reason})` : ''
  return paint(io, COLOR[status], word) + beside
}

/** The word of a health, in its colour. */
export function paintHealth(io: Io, { status, state, reason }: Health): string {
  return paintState(io, status, state, reason)
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
  return paint(io, RELEASE_COLOR[status], releaseWord(status))
}

/** A command line as a shell takes it. */
function commandLine(ref: AppView['ref'], repair: Repair): string | null {
  const words = repairCommand(repair)
  return words === null ? null : ['slipway', ...words, '--app', appPath(ref)].join(' ')
}

/** How an app is, in a sentence; when it is not live, why, the last lines of its log, and the commands that help. */
export function describeHealth(io: Io, app: AppView): void {
  const { health, why } = app
  const sentence = why?.sentence ?? health.message
  // "Running v1 on 2 of 2 instances." begins with its word.
  const isSaid = sentence.startsWith(stateWord(health.state)) && !io.verbose
  say(io, isSaid ? paint(io, COLOR[health.status], sentence) : `${paintHealth(io, health)}: ${sentence}`)
  const action = why?.action ?? health.action
  if (action) say(io, action)
  if (io.verbose && why?.detail) say(io, why.detail)
  for (const line of why?.logTail ?? []) say(io, paint(io, 'dim', `  ${plainText(line)}`))
  const commands = repairsFor(why?.repairs ?? [], app).flatMap((repair) => commandLine(app.ref, repair) ?? [])
  for (const line of commands) say(io, `  ${paint(io, 'bold', line)}`)
}
