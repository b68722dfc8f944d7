import { type Database, isRunOver, listReleases, type WantedApp, type WantedRelease } from '@slipway/db'
import type { AppState } from '../apps/app-state.ts'
import type { ObservedApp } from '../apps/observed.ts'
import type { KeptLogs } from '../live/kept-logs.ts'
import { createBell } from '../server/pause.ts'

/** Where notifications are lost, a change is seen this much later. */
const POLL_MS = 500
/** The log lines of a failure are read in the background; they are waited for this long. */
const CAUSE_WAIT_MS = 3000
const LOG_LINES = 10
/** A release that was live for longer, and whose instances crash, did not fail by this push. */
const FRESHLY_LIVE_MS = 60_000

export type RolloutOutcome = { live: true; release: number } | { live: false; reason: string }

export interface RolloutParts {
  db: Database
  runLogs: Pick<KeptLogs, 'follow'>
  apps: Pick<AppState, 'fresh' | 'refresh' | 'wanted' | 'observed' | 'onChangeOf'>
}

/**
 * Shows how a release takes over until every process of it is live, or it failed, or another took its place. When `signal` fires the
 * rollout goes on, and the reason says so.
 */
export async function followRollout(
  parts: RolloutParts,
  wanted: { appId: string; build: number },
  line: (text: string) => void,
  signal: AbortSignal,
): Promise<RolloutOutcome> {
  const { apps } = parts
  const { appId, build } = wanted
  const bell = createBell()
  const stopListening = apps.onChangeOf(appId, bell.ring)
  let shown = ''
  let failedAtMs: number | null = null
  const told = new Set<string>()
  try {
    // The release may have been made by another process, whose notification is under way.
    await apps.refresh([appId])
    for (;;) {
      const app = apps.wanted(appId)
      const observed = apps.observed(appId)
      if (app === undefined || observed === undefined || app.isDeleted)
        return { live: false, reason: 'the app was deleted' }
      const release = app.current
      if (release === null || release.buildNumber !== build) return await replaced(parts.db, wanted, line, release)
      if (release.command !== null && !told.has(release.command.id) && !wasLiveBefore(release)) {
        told.add(release.command.id)
        line(`-----> Running the release command of v${release.number}`)
        await showCommand(parts, release.command.id, line, signal)
        await apps.refresh([appId])
        continue
      }
      if (release.status === 'live') return settled(observed, release, line)
      if (release.status === 'failed') {
        failedAtMs ??= Date.now()
        const isExplained = observed.health.status === 'Degraded' && hasLog(observed)
        if (isExplained || Date.now() - failedAtMs > CAUSE_WAIT_MS) return failed(observed, release, line)
      }
      const { status, message } = observed.health
      if (status === 'Progressing' && message !== shown && isOfPresent(app, observed)) {
        line(`       ${message}`)
        shown = message
      }
      if (signal.aborted) return { live: false, reason: `the rollout of v${release.number} continues` }
      await bell.heard(POLL_MS, signal)
      await apps.fresh([appId])
    }
  } finally {
    stopListening()
  }
}

/** Shows what a release's command prints, until it has ended. */
async function showCommand(
  { db, runLogs }: RolloutParts,
  id: string,
  line: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const isOver = () => isRunOver(db, id)
  for await (const { entries } of runLogs.follow(id, { from: 0, isOver, signal })) {
    for (const { text } of entries) line(`       ${text}`)
  }
}

/** What was written down may be of an earlier release. */
const isOfPresent = ({ stored, generation }: WantedApp, { source }: ObservedApp) =>
  source !== 'stored' || stored.generation === generation

/** Another release is the app's own by now. */
async function replaced(
  db: Database,
  { appId, build }: { appId: string; build: number },
  line: (text: string) => void,
  current: WantedRelease | null,
): Promise<RolloutOutcome> {
  const { rows } = await listReleases(db, appId, { limit: RECENT_RELEASES })
  const release = rows.find(({ buildNumber }) => buildNumber === build)
  const number = release?.number ?? 0
  if (release?.status === 'cancelled') {
    line(` !     v${number} was cancelled. ${release.message ?? ''}`.trimEnd())
    return { live: false, reason: `v${number} was cancelled` }
  }
  line(` !     v${current?.number ?? '?'} replaced v${number} before it was live.`)
  return { live: false, reason: `v${number} was replaced` }
}

/** The release of a build that was just followed is among these. */
const RECENT_RELEASES = 50

const wasLiveBefore = ({ liveAt }: WantedRelease) => liveAt !== null && Date.now() - liveAt.getTime() > FRESHLY_LIVE_MS

/** Live once, a release stays so when its instances crash later: that is said too. */
function settled(observed: ObservedApp, release: WantedRelease, line: (text: string) => void): RolloutOutcome {
  if (wasLiveBefore(release) && observed.health.status === 'Degraded') {
    showCause(observed, `v${release.number} does not serve: ${observed.health.message}`, line)
    return { live: false, reason: `v${release.number} does not serve` }
  }
  return { live: true, release: release.number }
}

/** The lines of an instance are read in the background. Where it never ran there are none. */
function hasLog({ why }: ObservedApp): boolean {
  return why !== null && (!why.instance || why.logTail.length > 0)
}

function failed(observed: ObservedApp, release: WantedRelease, line: (text: string) => void): RolloutOutcome {
  if (observed.health.state === 'release_failed') {
    // Its output was shown as it came.
    line(` !     ${observed.health.message} ${observed.health.action ?? ''}`.trimEnd())
    return { live: false, reason: `the release command of v${release.number} failed` }
  }
  showCause(observed, release.message ?? 'It did not start.', line)
  return { live: false, reason: `v${release.number} did not start` }
}

function showCause({ why }: ObservedApp, otherwise: string, line: (text: string) => void): void {
  for (const text of why?.logTail.slice(-LOG_LINES) ?? []) line(`       | ${text}`)
  line(` !     ${why === null ? otherwise : [why.sentence, why.action].filter((text) => text).join(' ')}`)
}
