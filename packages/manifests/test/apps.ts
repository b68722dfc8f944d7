import type { AppToRender, TrackToRender } from '@slipway/domain'

export const where = {
  team: 'acme',
  project: 'shop',
  environment: 'production',
  namespace: 'slipway-acme-shop-production',
}

export const web = { name: 'web', kind: 'web', command: null, cpuMillis: 250, memoryMiB: 256 } as const
export const release42: TrackToRender = {
  ...{ track: 'stable', weight: 100, release: 42, runsAsNonRoot: true },
  image: `registry.slipway.internal/acme/shop-api@sha256:${'0'.repeat(64)}`,
  config: { DATABASE_URL: 'postgres://db/shop', GREETING: 'grüß dich' },
  processes: [
    { ...web, command: ['sh', '-c', 'node server.js'], instances: 3 },
    { name: 'mail-queue', kind: 'worker', command: ['node', 'mail.js'], instances: 1, cpuMillis: 100, memoryMiB: 128 },
  ],
}
export const built: AppToRender = {
  ...where,
  appId: '0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a00',
  app: 'api',
  tracks: [release42],
  hostnames: ['api.shop-production.localhost', 'api.example.com'],
  route: { kind: 'ingress', className: 'nginx', clusterIssuer: 'letsencrypt' },
}
export const gateway = { kind: 'gateway', namespace: 'gateway', name: 'public' } as const

/** Release 43 beside 42: a quarter of the instances, and where a Gateway weighs them a tenth of the requests. */
export const canary: AppToRender = {
  ...built,
  tracks: [
    { ...release42, weight: 90 },
    {
      ...release42,
      ...{ track: 'candidate', release: 43, weight: 10 },
      image: `registry.slipway.internal/acme/shop-api@sha256:${'1'.repeat(64)}`,
      processes: release42.processes.map((each) => ({ ...each, instances: 1 })),
    },
  ],
}
