import {
  type AppView,
  type BuildView,
  isRollingOut,
  type ReleaseCommandStatus,
  type ReleaseView,
} from '@slipway/domain'

export type StepState = 'waiting' | 'running' | 'done' | 'failed' | 'cancelled'

export interface DeployStep {
  id: 'queue' | 'build' | 'release' | 'command' | 'rollout'
  label: string
  state: StepState
  /** How long it took, or has taken so far; null before it begins. */
  durationMs: number | null
  /** What is known of it in a few words. */
  detail: string | null
}

export interface Deploy {
  title: string
  build: BuildView | null
  release: ReleaseView | null
  steps: DeployStep[]
  /** True while it can be cancelled. */
  underway: boolean
}

/** A finished deploy stays visible for a moment; after that its release's row shows it. */
const SHOWN_AFTER_LIVE_MS = 10_000

const since = (from: string | null, to: string | null, nowMs: number): number | null =>
  from === null ? null : Math.max(0, (to === null ? nowMs : Date.parse(to)) - Date.parse(from))

function buildState(build: BuildView): StepState {
  switch (build.status) {
    case 'queued':
      return 'waiting'
    case 'running':
      return 'running'
    case 'succeeded':
      return 'done'
    case 'cancelled':
      return 'cancelled'
    case 'failed':
    case 'timed_out':
      return 'failed'
  }
}

function buildSteps(build: BuildView, nowMs: number): DeployStep[] {
  const queued = build.startedAt === null
  const state = buildState(build)
  const queueState = build.status === 'queued' ? 'running' : queued ? state : 'done'
  return [
    {
      id: 'queue',
      label: 'Wait for a builder',
      state: queueState,
      durationMs: since(build.createdAt, build.startedAt ?? build.finishedAt, nowMs),
      detail: null,
    },
    {
      id: 'build',
      label: `Build ${build.commit.slice(0, 7)}`,
      state: queued ? 'waiting' : state,
      durationMs: since(build.startedAt, build.finishedAt, nowMs),
      detail: build.failure,
    },
  ]
}

const COMMAND_STATES = {
  waiting: 'waiting',
  running: 'running',
  succeeded: 'done',
  failed: 'failed',
  stopped: 'cancelled',
} as const satisfies Record<ReleaseCommandStatus, StepState>

function commandSteps({ command }: ReleaseView, nowMs: number): DeployStep[] {
  if (command === null) return []
  return [
    {
      id: 'command',
      label: 'Run the release command',
      state: COMMAND_STATES[command.status],
      durationMs: since(command.startedAt, command.endedAt, nowMs),
      detail: null,
    },
  ]
}

function rolloutState(release: ReleaseView): StepState {
  // What its command keeps from being deployed has not begun to roll out.
  if (release.command !== null && release.command.status !== 'succeeded') return 'waiting'
  switch (release.status) {
    case 'pending':
    case 'rolling_out':
      return 'running'
    case 'live':
    case 'superseded':
      return 'done'
    case 'failed':
      return 'failed'
    case 'cancelled':
      return 'cancelled'
  }
}

function rolloutDetail(app: AppView, release: ReleaseView): string {
  // Why it failed stands at the top of the page, once.
  if (!isRollingOut(release.status) && release.status !== 'live') return ''
  const { wanted } = app.instances
  const ready = release.number === app.currentRelease ? Math.min(app.instances.ready, wanted) : 0
  return `${ready} of ${wanted} ${wanted === 1 ? 'instance' : 'instances'} ready`
}

function releaseSteps(app: AppView, release: ReleaseView | null, nowMs: number): DeployStep[] {
  if (!release) {
    return [
      { id: 'release', label: 'Create the release', state: 'waiting', durationMs: null, detail: null },
      { id: 'rollout', label: 'Roll out', state: 'waiting', durationMs: null, detail: null },
    ]
  }
  const over = !isRollingOut(release.status)
  const state = rolloutState(release)
  return [
    {
      id: 'release',
      label: `Release v${release.number}`,
      state: 'done',
      durationMs: null,
      detail: null,
    },
    ...commandSteps(release, nowMs),
    {
      id: 'rollout',
      label: 'Roll out',
      state,
      durationMs:
        state === 'waiting' || (over && release.liveAt === null)
          ? null
          : since(release.command?.endedAt ?? release.at, release.liveAt, nowMs),
      detail: (state !== 'waiting' && rolloutDetail(app, release)) || null,
    },
  ]
}

/** True while a deploy deserves its place on the page: under way, just gone live, or failed without a cause above it. */
function isWorthShowing(app: AppView, release: ReleaseView | null, build: BuildView | null, nowMs: number): boolean {
  if (release === null) return build !== null && build.status !== 'cancelled' && app.why?.build !== build.number
  if (isRollingOut(release.status)) return true
  if (release.status === 'failed') return app.why === null
  return (
    release.status === 'live' && release.liveAt !== null && nowMs - Date.parse(release.liveAt) < SHOWN_AFTER_LIVE_MS
  )
}

/** The deploy that is going on, or has just ended, with its steps; null when there is nothing to tell. */
export function currentDeploy(app: AppView, nowMs: number): Deploy | null {
  const newestBuild = app.recentBuilds[0] ?? null
  const newestRelease = app.recentReleases[0] ?? null
  const buildIsNewer =
    newestBuild !== null &&
    newestBuild.release === null &&
    (newestRelease === null || Date.parse(newestBuild.createdAt) > Date.parse(newestRelease.at))
  const release = buildIsNewer ? null : newestRelease
  const build = buildIsNewer
    ? newestBuild
    : (app.recentBuilds.find((each) => release !== null && each.number === release.build) ?? null)
  if (!isWorthShowing(app, release, build, nowMs)) return null
  // Only a release that its build made shows that build: a new config or a rollback uses an image that is there.
  const fromBuild = build && (release === null || release.kind === 'build') ? build : null
  const steps = [...(fromBuild ? buildSteps(fromBuild, nowMs) : []), ...releaseSteps(app, release, nowMs)]
  return {
    title: release
      ? `v${release.number}: ${release.description}`
      : `Build #${build?.number}: ${build?.message || 'no message'}`,
    build: fromBuild,
    release,
    steps,
    underway: steps.some((step) => step.state === 'running') || (release !== null && isRollingOut(release.status)),
  }
}
