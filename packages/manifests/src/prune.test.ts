import { describe, expect, it } from 'vitest'
import { anyApp, ofKind, renderApp } from '../test/any-app.ts'
import { appSelector, LABELS } from './labels.ts'
import { keepOf } from './prune.ts'

const one = { name: 'web', kind: 'web' as const, command: null, instances: 2, cpuMillis: 100, memoryMiB: 100 }

describe('pruning', () => {
  it('keeps what is rendered and the Secrets of releases that still run', () => {
    const app = { ...anyApp(5), app: 'shop', processes: [one], release: 7 }
    const rendered = renderApp(app)
    const old = (release: number) => ofKind(renderApp({ ...app, release }), 'Secret')[0]
    const keep = keepOf(rendered, [{ metadata: { labels: { [LABELS.release]: '6' } } }, { metadata: {} }])
    expect(rendered.every(keep)).toBe(true)
    expect([5, 6, 7].map((release) => keep(old(release) ?? {}))).toEqual([false, true, true])
    const worker = renderApp({ ...app, processes: [{ ...one, name: 'gone' }] }).filter(({ kind }) => kind !== 'Secret')
    expect(worker.some((object) => object.kind === 'Deployment' && keep(object))).toBe(false)
    expect(keep({ kind: 'Secret', metadata: { name: 'other' } })).toBe(false)
  })

  it('looks by a selector that finds all objects of the app', () => {
    expect(appSelector('shop')).toBe('app.kubernetes.io/managed-by=slipway,slipway.dev/app=shop')
  })
})
