import type { AppToRender } from '@slipway/domain'
import { connectCluster, kindOf } from '@slipway/kube'
import { isOurNamespace, namespaceOf, renderApp, renderEnvironment } from '@slipway/manifests'
import { describe, expect, it } from 'vitest'
import { createInformers, informersByKind } from './informers.ts'

const where = { team: 'acme', project: 'shop', environment: 'production' }
const namespace = namespaceOf('acme', 'shop', 'production')
const app: AppToRender = {
  ...{ ...where, namespace, app: 'web', appId: '00000000-0000-0000-0000-000000000002', hostnames: ['web.example.com'] },
  tracks: [
    {
      ...{ track: 'stable', weight: 100, release: 1, image: 'nginx:1', config: {}, runsAsNonRoot: true },
      processes: [{ name: 'web', kind: 'web', command: null, instances: 2, cpuMillis: 100, memoryMiB: 64 }],
    },
  ],
  route: { kind: 'ingress', className: 'nginx', clusterIssuer: null },
}
const ofApp = [app, { ...app, route: { kind: 'gateway' as const, namespace: 'gateway', name: 'public' } }].flatMap(
  renderApp,
)
const ofEnvironment = renderEnvironment({
  ...{ ...where, namespace, ingressNamespace: null, egress: { allow: [], deny: [] }, podSecurity: 'baseline' },
  limits: { cpuMillis: 1000, memoryMiB: 1024, instances: 5 },
  pullCredentials: [{ host: 'ghcr.io', username: 'octo', password: 'p' }],
})

/** Never started: nothing is asked of it. */
const cluster = await connectCluster({
  config: { server: 'http://127.0.0.1:1', proxyUrl: null, tls: {}, headers: () => Promise.resolve({}) },
})

describe('the informers of the table of kinds', () => {
  const watched = (hasGateway: boolean) => [...informersByKind(createInformers(cluster, { hasGateway })).keys()]

  it('watch every kind that is rendered, and so is pruned, for an app', () => {
    for (const object of ofApp) {
      expect(kindOf(object).prunable, object.kind).toBe(true)
      expect(watched(true)).toContain(kindOf(object))
    }
  })

  it('watch what is rendered for an environment, but for the ServiceAccount that is the cluster’s own', () => {
    const missed = ofEnvironment.filter((object) => !watched(false).includes(kindOf(object)))
    expect(missed.map(({ kind }) => kind)).toEqual(['ServiceAccount'])
  })

  it('ask for HTTPRoutes only with a Gateway, and never for what an add-on of the cluster brings', () => {
    const needs = (hasGateway: boolean) => watched(hasGateway).flatMap(({ needs }) => needs ?? [])
    expect([needs(false), needs(true)]).toEqual([[], ['gateway']])
  })

  it('keep events of namespaces that Slipway names', () => {
    expect([namespace, 'slipway-builds', 'kube-system', 'slipwayish'].map(isOurNamespace)).toEqual([
      ...[true, true],
      ...[false, false],
    ])
  })
})
