import type { AppSummary, Health } from '@slipway/domain'
import { describe, expect, test } from 'vitest'
import { arrange, filterApps, type ListView, readView, sortApps, writeView } from './app-view.ts'

const HEALTHY: Health = {
  status: 'Healthy',
  state: 'running',
  reason: 'Available',
  message: 'Running v1.',
  action: null,
}
const failing = (message: string): Health => ({
  ...{ status: 'Degraded', state: 'waiting_for_node', reason: 'Unschedulable', message, action: 'Add a node.' },
})

function app(name: string, changes: Partial<AppSummary> & { place?: Partial<AppSummary['ref']> } = {}): AppSummary {
  const { place, ...rest } = changes
  return {
    ref: { team: 'acme', project: 'shop', environment: 'production', app: name, ...place },
    ...{ environmentKind: 'production', sourceKind: 'git', health: HEALTHY, cause: null, url: null },
    ...{ instances: { ready: 1, wanted: 1 }, lastRelease: null, activeBuild: null },
    ...rest,
  }
}

const release = (at: string, status: 'live' | 'failed' = 'live') => ({
  ...{ number: 3, description: 'Deploy', by: 'Ada', status, at },
})
const view = (address = ''): ListView => readView(new URLSearchParams(address))
const names = (apps: readonly AppSummary[]) => apps.map(({ ref }) => ref.app)

describe('20 Home: the address', () => {
  test.each(['', 'q=web+api&show=attention&sort=-deployed&group=project', 'sort=status&group=none'])(
    'of a view is read back as it was written: %s',
    (address) => expect(writeView(view(address))).toBe(address),
  )

  test('that nobody wrote stands for the default', () => {
    expect(view('sort=-nonsense&group=colour&show=all')).toEqual(view())
  })
})

describe('20 Home: sort', () => {
  const apps = [
    app('web-10', { lastRelease: release('2026-11-01T00:00:00Z'), instances: { ready: 0, wanted: 3 } }),
    app('web-2', { lastRelease: release('2026-11-03T00:00:00Z'), health: failing('No node.') }),
    app('api', { place: { project: 'admin' } }),
  ]
  test.each([
    ['', ['api', 'web-2', 'web-10']],
    ['sort=-name', ['web-10', 'web-2', 'api']],
    ['sort=status', ['web-2', 'api', 'web-10']],
    ['sort=project', ['api', 'web-2', 'web-10']],
    ['sort=-instances', ['web-10', 'api', 'web-2']],
    ['sort=-deployed', ['web-2', 'web-10', 'api']],
  ])('by %s', (address, order) => expect(names(sortApps(apps, view(address)))).toEqual(order))
})

describe('20 Home: group', () => {
  const cause = 'No node has enough CPU left.'
  const starved = Array.from({ length: 44 }, (_, n) =>
    app(`worker-${n}`, { health: failing(`v${n} is failing: no node for worker-${n}.`), cause }),
  )
  const lonely = app('image', { health: failing('v1 is failing.'), cause: 'The process exits with code 1.' })
  const stale = app('stale', { lastRelease: release('2026-11-01T00:00:00Z', 'failed') })
  const calm = app('calm', { place: { team: 'globex', project: 'crm' } })
  const all = [calm, ...starved, lonely, stale]

  test('by cause: what fails for one reason is one group, the largest first, the others last', () => {
    expect(arrange(all, view()).map(({ title, apps }) => [title, apps.length])).toEqual([
      [cause, 44],
      ['The last release failed.', 1],
      ['The process exits with code 1.', 1],
      ['Other apps', 1],
    ])
    expect(arrange([calm], view()).map(({ title }) => title)).toEqual([null])
  })

  test('by project, with the team’s own name', () => {
    const groups = arrange(all, view('group=project'), (team) => team.toUpperCase())
    expect(groups.map(({ title, apps }) => [title, apps.length])).toEqual([
      ['ACME / shop', 46],
      ['GLOBEX / crm', 1],
    ])
  })

  test('filter: every word counts, in names, status and cause; attention leaves what is well out', () => {
    expect(names(filterApps(all, view('q=cpu+worker-4')))).toEqual([
      ...['worker-4', 'worker-40', 'worker-41', 'worker-42', 'worker-43'],
    ])
    expect(names(filterApps(all, view('q=CRM')))).toEqual(['calm'])
    expect(filterApps(all, view('show=attention'))).toHaveLength(46)
    expect(arrange(filterApps(all, view('q=nothing')), view('q=nothing'))).toEqual([])
  })
})
