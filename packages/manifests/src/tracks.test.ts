import { type AppToRender, slugSchema, type TrackToRender } from '@slipway/domain'
import type { Deployment } from 'kubernetes-types/apps/v1.d.ts'
import type { Service } from 'kubernetes-types/core/v1.d.ts'
import { describe, expect, it } from 'vitest'
import { key, ofKind } from '../test/any-app.ts'
import { renderApp } from './app.ts'
import { LABELS } from './labels.ts'
import { workloadName } from './names.ts'
import type { KubeObject } from './object.ts'

describe('two releases side by side', () => {
  const gateway = { kind: 'gateway' as const, namespace: 'gateway', name: 'public' }
  const one = { name: 'web', kind: 'web' as const, command: null, instances: 1, cpuMillis: 100, memoryMiB: 100 }
  const stable: TrackToRender = {
    ...{ track: 'stable', weight: 100, release: 7, image: 'shop:7', config: { A: '7' }, runsAsNonRoot: true },
    processes: [{ ...one, instances: 3 }],
  }
  const candidate: TrackToRender = { ...stable, track: 'candidate', release: 8, image: 'shop:8', processes: [one] }
  const ingress = { kind: 'ingress' as const, className: 'nginx', clusterIssuer: null }
  const renderTracks = (route: AppToRender['route'], tracks: TrackToRender[]) =>
    renderApp({
      ...{ appId: 'id', team: 'acme', project: 'shop', environment: 'production', app: 'shop', namespace: 'ns' },
      ...{ route, tracks, hostnames: ['shop.example.com'] },
    })
  /** Whatever the order in which they are given. */
  const both = (route: AppToRender['route'], [of7, of8]: readonly [number, number] = [75, 25]) =>
    renderTracks(route, [
      { ...candidate, weight: of8 },
      { ...stable, weight: of7 },
    ])
  const selectors = (objects: KubeObject[]) =>
    (ofKind(objects, 'Service') as unknown as Required<Service>[]).map(({ metadata, spec }) => [
      metadata.name,
      spec.selector,
    ])
  const pods = (objects: KubeObject[]) =>
    (ofKind(objects, 'Deployment') as unknown as Required<Deployment>[]).map(({ metadata, spec }) => ({
      name: metadata.name,
      labels: spec.template.metadata?.labels ?? {},
    }))
  const found = (objects: KubeObject[]) =>
    selectors(objects).map(([, selector]) =>
      pods(objects).flatMap(({ name, labels }) =>
        Object.entries(selector ?? {}).every(([key, value]) => labels[key] === value) ? [name] : [],
      ),
    )

  it('leaves what the stable track has as it is alone, but for what its Services select', () => {
    const alone = renderTracks(gateway, [stable])
    const beside = new Map(both(gateway).map((object) => [key(object), object]))
    for (const object of alone) {
      if (object.kind === 'HTTPRoute' || object.kind === 'Service') continue
      expect(beside.get(key(object)), key(object)).toEqual(object)
    }
  })

  it('has names that no process of any app of the namespace can have', () => {
    const names = both(gateway).map(({ metadata }) => metadata.name)
    expect(names).toContain('shop-web--candidate')
    expect(slugSchema.safeParse('shop-web-').success).toBe(false)
    const long = [`${'x'.repeat(40)}`, 'a-web', 'web'].map((process) =>
      workloadName('y'.repeat(40), process, 'candidate'),
    )
    for (const name of long) expect(name).toMatch(/^[a-z][-a-z0-9]{0,51}--candidate$/)
    expect(new Set(long).size).toBe(long.length)
  })

  it('gives each track a Service of its own behind a Gateway, and the route their weights', () => {
    expect(found(both(gateway))).toEqual([['shop-web'], ['shop-web--candidate']])
    const [route] = ofKind(both(gateway), 'HTTPRoute')
    expect(route?.spec).toMatchObject({
      rules: [
        {
          backendRefs: [
            { name: 'shop-web', weight: 75 },
            { name: 'shop-web--candidate', weight: 25 },
          ],
        },
      ],
    })
  })

  it('shares requests by the number of instances behind an Ingress, and gives none to a track of no weight', () => {
    const routed = (objects: KubeObject[]) => JSON.stringify(ofKind(objects, 'Ingress')[0]?.spec)
    expect(found(both(ingress))).toEqual([['shop-web', 'shop-web--candidate']])
    expect(found(both(ingress, [100, 0]))).toEqual([['shop-web']])
    expect(found(both(ingress, [0, 100]))).toEqual([['shop-web--candidate']])
    expect(routed(both(ingress))).toBe(routed(renderTracks(ingress, [stable])))
  })

  it('can be drained: one budget counts the instances of both tracks', () => {
    const [budget, ...more] = ofKind(both(gateway), 'PodDisruptionBudget')
    expect(more).toEqual([])
    expect(budget?.spec).toMatchObject({ selector: { matchLabels: { [LABELS.process]: 'web' } }, maxUnavailable: 1 })
  })

  it('keeps the Secrets of both', () => {
    expect(ofKind(both(gateway), 'Secret').map(({ metadata }) => metadata.name)).toEqual(['shop-v7', 'shop-v8'])
  })
})
