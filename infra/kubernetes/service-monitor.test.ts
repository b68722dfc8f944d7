import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { readSettings } from '../../apps/platform/src/env.ts'
import { hasKustomize, kustomized, kustomizedWith, OVERLAYS, templateOf, WORKLOADS } from './rendered.ts'

const SCRAPED = ['slipway-git', 'slipway-platform']
const selectorSchema = z.object({
  matchExpressions: z.tuple([
    z.object({ key: z.literal('app.kubernetes.io/name'), operator: z.literal('In'), values: z.array(z.string()) }),
  ]),
})
const serviceSchema = z.object({ ports: z.array(z.object({ name: z.string(), targetPort: z.string() })) })

describe.skipIf(!hasKustomize).each(OVERLAYS)('the component service-monitor on the overlay %s', (overlay) => {
  const objects = hasKustomize ? kustomizedWith(overlay, ['service-monitor']) : []
  const named = (kind: string, name: string) =>
    objects.find((object) => object.kind === kind && object.metadata.name === name)

  it('adds a monitor, a policy and nothing else', () => {
    const keys = (all: typeof objects) => all.map(({ kind, metadata }) => `${kind} ${metadata.name}`)
    const before = new Set(keys(kustomized(`overlays/${overlay}`)))
    expect(keys(objects).filter((key) => !before.has(key))).toEqual([
      'ServiceMonitor slipway',
      'NetworkPolicy slipway-metrics-from-monitoring',
    ])
  })

  it('has the platform listen where Prometheus asks', () => {
    const { data } = z.object({ data: z.record(z.string(), z.string()) }).parse(named('ConfigMap', 'slipway'))
    const { metricsPort } = readSettings({
      NODE_ENV: 'production',
      ...data,
      DATABASE_URL: 'postgresql://db.example.com/slipway',
      SLIPWAY_REGISTRY_USERNAME: 'slipway',
      SLIPWAY_REGISTRY_PASSWORD: 'secret',
      SLIPWAY_STATE_DIR: '/var/lib/slipway',
      SLIPWAY_SECRET_KEY: Buffer.alloc(32).toString('base64'),
      SLIPWAY_SESSION_SECRET: 's'.repeat(44),
    })
    for (const workload of objects.filter(({ kind }) => WORKLOADS.includes(kind))) {
      const ports = templateOf(workload).spec.containers[0]?.ports ?? []
      const own = ports.filter(({ name }) => name === 'metrics')
      const isScraped = SCRAPED.includes(workload.metadata.name)
      expect(own, workload.metadata.name).toEqual(isScraped ? [{ name: 'metrics', containerPort: metricsPort }] : [])
    }
  })

  it('selects the Services that have the port, and lets one namespace through to it', () => {
    const monitor = z
      .object({ selector: selectorSchema, endpoints: z.array(z.looseObject({ port: z.string(), path: z.string() })) })
      .parse(named('ServiceMonitor', 'slipway')?.spec)
    expect(monitor.endpoints).toMatchObject([{ port: 'metrics', path: '/metrics' }])
    expect([...monitor.selector.matchExpressions[0].values].sort()).toEqual(SCRAPED)
    for (const name of SCRAPED) {
      const service = named('Service', name)
      expect(service?.metadata.labels['app.kubernetes.io/name']).toBe(name)
      expect(serviceSchema.parse(service?.spec).ports).toContainEqual(
        expect.objectContaining({ name: 'metrics', targetPort: 'metrics' }),
      )
    }
    const policy = named('NetworkPolicy', 'slipway-metrics-from-monitoring')?.spec
    expect(policy).toMatchObject({
      podSelector: { matchExpressions: [{ values: monitor.selector.matchExpressions[0].values }] },
      ingress: [
        {
          from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }],
          ports: [{ port: 'metrics', protocol: 'TCP' }],
        },
      ],
    })
  })

  it('is not on the way in', () => {
    for (const route of objects.filter(({ kind }) => ['Ingress', 'HTTPRoute'].includes(kind)))
      expect(JSON.stringify(route)).not.toMatch(/metrics|9464/)
  })
})
