import type { AppView, BuildView, ReleaseView } from '@slipway/domain'
import { describe, expect, it } from 'vitest'
import { currentDeploy } from './deploy-steps.ts'

const AT = '2026-11-29T12:00:00.000Z'
const atMs = Date.parse(AT)
const after = (seconds: number) => new Date(atMs + seconds * 1000).toISOString()

const build = (changes: Partial<BuildView> = {}): BuildView => ({
  ...{ number: 1, status: 'succeeded', trigger: 'push', strategy: 'native', commit: 'a'.repeat(40), branch: 'main' },
  ...{ message: 'First', by: 'Ada', createdAt: AT, startedAt: after(1), finishedAt: after(9), failure: null },
  ...{ release: 1, ...changes },
})
const release = (changes: Partial<ReleaseView> = {}): ReleaseView => ({
  ...{ number: 1, kind: 'build', status: 'rolling_out', description: 'Deploy aaaaaaa', message: null, by: 'Ada' },
  ...{
    at: after(10),
    liveAt: null,
    image: 'i',
    build: 1,
    commit: 'a'.repeat(40),
    rollbackOf: null,
    promotedFrom: null,
    processes: [],
  },
  ...{ configChanges: [], command: null, ...changes },
})

const instances = { ready: 0, wanted: 1 }

/** What the steps read of an app. */
function app(changes: Partial<AppView>): AppView {
  const known: Partial<AppView> = { why: null, instances, currentRelease: 1, recentBuilds: [], recentReleases: [] }
  return { ...known, ...changes } as AppView
}

const stepsOf = (view: AppView, seconds: number) =>
  currentDeploy(view, atMs + seconds * 1000)?.steps.map(({ id }) => id)

const CRASHED = {
  ...{
    sentence: 'It exits with code 7.',
    cause: 'It exits with code 7.',
    action: 'Read its log.',
    reason: 'CrashLoopBackOff',
    detail: null,
  },
  ...{ repairs: [], logTail: [], instance: 'web-1', process: 'web', build: null },
} satisfies AppView['why']

describe('15 Steps', () => {
  it('a push shows its build', () => {
    const view = app({ recentBuilds: [build()], recentReleases: [release()] })
    expect(stepsOf(view, 11)).toEqual(['queue', 'build', 'release', 'rollout'])
  })

  it('a release command has a step, before which nothing rolls out', () => {
    const command = { status: 'running', startedAt: after(11), endedAt: null, exitCode: null, failure: null } as const
    const deploy = (changes: Partial<ReleaseView>) =>
      currentDeploy(app({ recentReleases: [release({ kind: 'config', ...changes })] }), atMs + 15_000)
    const during = deploy({ status: 'pending', command })
    expect(during?.steps.map(({ id, state, durationMs }) => [id, state, durationMs])).toEqual([
      ['release', 'done', null],
      ['command', 'running', 4000],
      ['rollout', 'waiting', null],
    ])
    const failed = deploy({ status: 'failed', command: { ...command, status: 'failed', endedAt: after(12) } })
    expect(failed?.steps.map(({ state }) => state)).toEqual(['done', 'failed', 'waiting'])
    const rolling = deploy({ command: { ...command, status: 'succeeded', endedAt: after(12) } })
    expect(rolling?.steps.map(({ state }) => state)).toEqual(['done', 'done', 'running'])
  })

  it.each(['config', 'rollback', 'image'] as const)('a release of kind %s shows no build', (kind) => {
    const next = release({ number: 2, kind, at: after(60) })
    const view = app({
      currentRelease: 2,
      recentBuilds: [build()],
      recentReleases: [next, release({ status: 'live' })],
    })
    const deploy = currentDeploy(view, atMs + 61_000)
    expect(deploy?.steps.map(({ id }) => id)).toEqual(['release', 'rollout'])
    expect(deploy?.build).toBeNull()
  })

  it('what failed is named by its step, and why it failed is not said once more', () => {
    const message = 'The web process exits with code 7.'
    const view = app({ recentBuilds: [build()], recentReleases: [release({ status: 'failed', message })] })
    const rollout = currentDeploy(view, atMs + 20_000)?.steps.at(-1)
    expect(rollout).toMatchObject({ id: 'rollout', state: 'failed', detail: null })
  })

  it('a failed build says why in its step, and gives way where it is what the page begins with', () => {
    const failed = build({ status: 'failed', failure: 'npm ended with code 2.', release: null })
    const steps = (why: AppView['why']) => currentDeploy(app({ why, recentBuilds: [failed] }), atMs + 20_000)?.steps
    expect(steps(null)?.find(({ id }) => id === 'build')?.detail).toBe('npm ended with code 2.')
    expect(steps({ ...CRASHED, reason: 'BuildFailed', build: 1 })).toBeUndefined()
  })

  it('a deploy that is live gives way within seconds; one that failed, to its cause', () => {
    const live = app({ recentReleases: [release({ status: 'live', liveAt: after(20) })] })
    expect(stepsOf(live, 25)).toContain('rollout')
    expect(stepsOf(live, 31)).toBeUndefined()
    const failed = app({ recentReleases: [release({ status: 'failed' })] })
    expect(stepsOf(failed, 3600)).toContain('rollout')
    expect(stepsOf({ ...failed, why: CRASHED }, 3600)).toBeUndefined()
  })
})
