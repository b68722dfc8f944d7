import type { AppView, Role } from '@slipway/domain'
import { describe, expect, test } from 'vitest'
import { parsePlace } from '#lib/route.ts'
import { appCommands } from './app-commands.ts'
import type { PaletteCommand } from './palette-command.ts'
import { findCommands, paletteCommands } from './palette-commands.ts'

const ref = { team: 'acme', project: 'shop', environment: 'production', app: 'web' }
const releaseOf = (number: number, liveAt: string | null): AppView['recentReleases'][number] => ({
  ...{ number, kind: 'build', status: 'superseded', description: `Deploy ${number}`, message: null, by: 'Ada' },
  ...{
    at: '2026-11-01T00:00:00Z',
    liveAt,
    image: 'i',
    build: null,
    commit: null,
    rollbackOf: null,
    promotedFrom: null,
  },
  ...{ processes: ['web'], configChanges: [], command: null },
})
const process = (name: string, instances: number): AppView['processes'][number] => ({
  ...{ name, kind: 'web', command: null, instances, cpuMillis: 100, memoryMiB: 128 },
  ...{ ready: instances, status: 'Healthy', state: 'running', options: {}, others: [] },
  ...{ scaleRules: [], scaleProblem: null },
})

function appOf(role: Role, changes: Partial<AppView> = {}): AppView {
  return {
    ...{ ref, role, environmentKind: 'production', sourceKind: 'git', cause: null, url: 'http://web.localhost' },
    health: { status: 'Healthy', state: 'running', reason: 'Available', message: 'Running v3.', action: null },
    ...{ instances: { ready: 1, wanted: 1 }, lastRelease: null, activeBuild: null, createdAt: '2026-11-01T00:00:00Z' },
    ...{ currentRelease: 3, servingRelease: 3, why: null, processes: [process('web', 2), process('worker', 0)] },
    ...{ instanceList: [], domains: [], gitUrl: '', image: null, source: null, deployBranch: null, slipwayFile: null },
    settings: {} as AppView['settings'],
    recentReleases: [releaseOf(3, 'now'), releaseOf(2, null), releaseOf(1, 'then')],
    ...{ recentBuilds: [], notConfigured: [] },
    ...changes,
  }
}

const done: unknown[] = []
const note = (...what: unknown[]) => void done.push(...what)
const commandsOf = (app: AppView) => appCommands({ app, ask: note, go: note, open: note, copy: note })
const labels = (commands: readonly PaletteCommand[]) => commands.map(({ label }) => label)

describe('22 Palette: actions on the app in view', () => {
  test('a developer opens, copies, follows the log, scales, restarts and rolls back to what was live', () => {
    expect(labels(commandsOf(appOf('developer')))).toEqual([
      ...['Open web', 'Copy address', 'Open the logs', 'Scale web', 'Scale worker', 'Restart web', 'Restart worker'],
      'Roll back to v1',
    ])
  })

  test('a viewer is offered what changes nothing', () => {
    expect(labels(commandsOf(appOf('viewer')))).toEqual(['Open web', 'Copy address', 'Open the logs'])
  })

  test('what the state forbids says why, and what is chosen is asked about first', () => {
    const fresh = commandsOf(appOf('developer', { url: null, processes: [], recentReleases: [], currentRelease: null }))
    const reasons = Object.fromEntries(fresh.map(({ label, disabled }) => [label, disabled]))
    expect(reasons).toEqual({
      'Open web': 'Nothing is deployed yet.',
      'Copy address': 'Nothing is deployed yet.',
      'Open the logs': undefined,
      Scale: 'Nothing is deployed yet.',
      Restart: 'Nothing is deployed yet.',
      'Roll back': 'Nothing is deployed yet.',
    })
    const [hidden] = commandsOf(appOf('developer', { url: null }))
    expect(hidden?.disabled).toBe('This installation has no ingress.')
    const [worker] = commandsOf(
      appOf('developer', { url: null, processes: [{ ...process('worker', 1), kind: 'worker' }] }),
    )
    expect(worker?.disabled).toBe('It has no web process.')
    const running = commandsOf(appOf('developer'))
    expect(running.find(({ label }) => label === 'Restart worker')?.disabled).toBe('worker is scaled to 0.')
    expect(running.find(({ label }) => label === 'Restart web')?.disabled).toBeUndefined()
    for (const label of ['Scale worker', 'Roll back to v1']) running.find((each) => each.label === label)?.run()
    expect(done).toEqual([
      { kind: 'scale', process: 'worker' },
      { kind: 'roll_back', release: 1 },
    ])
  })
})

describe('22 Palette: people and settings', () => {
  const went: string[] = []
  const all = paletteCommands({
    place: parsePlace('/acme/shop/production/web/logs'),
    app: appOf('developer'),
    apps: [],
    account: {
      ...{ email: 'ada@example.com', name: 'Ada', operator: false, mayCreateTeams: false },
      teams: [{ team: 'acme', name: 'Acme', role: 'developer' }],
    },
    members: new Map([
      ['acme', [{ email: 'grace@example.com', name: 'Grace Hopper', role: 'admin', joinedAt: '2026-11-01T00:00:00Z' }]],
    ]),
    ...{ go: (href: string) => void went.push(href), ask: note, open: note, copy: note },
    ...{ setTheme: note, openHelp: note, signOut: note },
  })
  const find = (typed: string) => [...findCommands(all, typed).values()].flat()

  test('a person is found by name, address or role, and leads to the page of members', () => {
    for (const typed of ['grace hopper', 'grace@', 'admin in acme']) {
      const [person] = find(typed)
      expect(person).toMatchObject({
        group: 'People',
        label: 'Grace Hopper',
        about: 'grace@example.com · admin in Acme',
      })
      person?.run()
    }
    expect(new Set(went)).toEqual(new Set(['/acme/settings/members?member=grace%40example.com']))
  })

  test('settings of account, project and team; those that the role may not read are left out', () => {
    expect(labels(find('settings'))).toEqual(expect.arrayContaining(['Project settings', 'API tokens', 'Password']))
    expect(find('acme registries')).toHaveLength(1)
    expect(find('acme audit')).toHaveLength(0)
    expect(find('nodes and capacity')).toHaveLength(0)
  })

  test('ids are unique, and every word has to occur', () => {
    const ids = all.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    // An app's own name finds all that can be done with it; what begins with what was typed comes first.
    expect(labels(find('restart web'))).toEqual(['Restart web', 'Restart worker'])
    expect(labels(find('restart wor'))).toEqual(['Restart worker'])
    expect(find('restart nothing')).toEqual([])
  })
})
