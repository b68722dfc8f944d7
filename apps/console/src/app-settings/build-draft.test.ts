import { buildSettingsSchema } from '@slipway/domain'
import { describe, expect, it } from 'vitest'
import { changesOf, draftOf, inputOf, problemsOf } from './build-draft.ts'

const stored = { settings: buildSettingsSchema.parse({ buildArgs: { A: '1' } }), deployBranch: null }
const draft = draftOf(stored)

describe('staged edits of the build settings', () => {
  it('are none where the form is as it was loaded', () => {
    expect(changesOf(stored, draft)).toEqual([])
    expect(changesOf(stored, { ...draft, rootDirectory: './' })).toEqual([])
    expect(changesOf(stored, { ...draft, buildArgs: [...draft.buildArgs, { name: '', value: '' }] })).toEqual([])
  })

  it('are told in words, and saved without the rest', () => {
    const edited = {
      ...draft,
      rootDirectory: '/apps/web/',
      deployBranch: 'main',
      spaFallback: 'off' as const,
      startTimeout: '180',
    }
    const changes = changesOf(stored, edited)
    expect(changes.map(({ label, from, to }) => `${label}: ${from} → ${to}`)).toEqual([
      'Root directory: top of the repository → apps/web',
      'Deployed branch: chosen by the first push → main',
      'SPA fallback: as the framework suggests → off',
      'Start timeout: 120 s → 180 s',
    ])
    expect(inputOf(edited, changes)).toEqual({
      settings: { rootDirectory: 'apps/web', spaFallback: false, startTimeout: 180 },
      deployBranch: 'main',
    })
  })

  it('say what is wrong at the setting', () => {
    expect(problemsOf(draft)).toEqual({})
    expect(problemsOf({ ...draft, rootDirectory: '../x' }).rootDirectory).toContain('inside the repository')
    expect(problemsOf({ ...draft, deployBranch: 'not a branch' }).deployBranch).toContain('not a branch')
    expect(problemsOf({ ...draft, startTimeout: '5' }).startTimeout).toBe('Give it at least 10 seconds.')
    expect(problemsOf({ ...draft, startTimeout: 'long' }).startTimeout).toBeDefined()
    expect(problemsOf({ ...draft, buildArgs: [{ name: '1X', value: '' }] }).buildArgs).toContain('1X')
    const twice = [...draft.buildArgs, { name: 'A', value: '2' }]
    expect(problemsOf({ ...draft, buildArgs: twice }).buildArgs).toBe('A is listed twice.')
  })
})
