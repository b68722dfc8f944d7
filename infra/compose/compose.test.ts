import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { readSettings } from '../../apps/platform/src/env.ts'
import { FOREIGN_VARIABLES, isTracked, read, readsVariable } from '../repository.ts'

const serviceSchema = z.object({
  image: z.string().optional(),
  build: z.object({ context: z.literal('.'), dockerfile: z.string() }).optional(),
  environment: z.record(z.string(), z.string()).default({}),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  healthcheck: z.object({ test: z.array(z.string()).min(2) }).optional(),
  volumes: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
  restart: z.string(),
  privileged: z.boolean().default(false),
})
const composeSchema = z.object({
  services: z.record(z.string(), serviceSchema),
  volumes: z.record(z.string(), z.null()),
})

const text = read('docker-compose.yml')
const { services, volumes } = composeSchema.parse(parse(text))
const entries = Object.entries(services)

/** NAME=value lines of .env.example. */
const example = Object.fromEntries(
  [...read('.env.example').matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]),
)

/** As `docker compose` fills in `${NAME:-default}` and `${NAME:?message}`. */
function filled(value: string, from: Record<string, string>): string {
  return value.replace(/\$\{([A-Z_]+)(?::([-?])([^}]*))?\}/g, (_all, name: string, kind: string, rest: string) => {
    const set = from[name]
    if (set !== undefined && set !== '') return set
    if (kind === '?') throw new Error(`${name}: ${rest}`)
    return rest ?? ''
  })
}

const SECRETS = {
  POSTGRES_PASSWORD: 'secret',
  SLIPWAY_SECRET_KEY: Buffer.alloc(32, 7).toString('base64'),
  SLIPWAY_SESSION_SECRET: 's'.repeat(44),
}
const environmentOf = (name: string, from: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(services[name]?.environment ?? {}).map(([key, value]) => [key, filled(value, from)]),
  )

describe('docker-compose.yml', () => {
  it('starts a platform whose settings are accepted', () => {
    const environment = {
      NODE_ENV: 'production' as const,
      SLIPWAY_STATE_DIR: '/var/lib/slipway',
      ...environmentOf('platform', { ...example, ...SECRETS }),
    }
    expect(readSettings(environment)).toMatchObject({
      databaseUrl: 'postgresql://slipway:secret@postgres:5432/slipway',
      clusterKind: 'kubernetes',
      consoleUrl: 'http://console:3000',
      publicUrl: 'http://localhost:3000',
      ingressClass: 'traefik',
      appsDomain: 'localhost',
      registry: null,
      admin: null,
    })
  })

  it.each(['platform', 'console'] as const)('tells the %s only what it reads', (app) => {
    for (const name of Object.keys(services[app]?.environment ?? {})) {
      expect(FOREIGN_VARIABLES.includes(name) || readsVariable(app, name), `${name} is read`).toBe(true)
    }
  })

  it('refuses to start without its secrets, and .env.example names every setting', () => {
    for (const name of Object.keys(SECRETS)) {
      const without = { ...SECRETS, [name]: '' }
      expect(() => entries.map(([service]) => environmentOf(service, without))).toThrow(name)
      expect(example[name]).toBe('')
    }
    const used = new Set([...text.matchAll(/\$\{([A-Z_]+)/g)].map(([, name]) => name))
    expect([...used].sort()).toEqual(Object.keys(example).sort())
  })

  it('waits for what is healthy', () => {
    for (const [name, { depends_on: waits }] of entries) {
      for (const [other, { condition }] of Object.entries(waits)) {
        const target = services[other]
        expect(target, `${name} waits for ${other}`).toBeDefined()
        if (condition === 'service_completed_successfully') expect(target?.restart).toBe('no')
        else if (target?.healthcheck === undefined) {
          expect(read(target?.build?.dockerfile ?? '')).toMatch(/^HEALTHCHECK /m)
        }
      }
    }
  })

  it('mounts and builds what is there, pins what it pulls', () => {
    for (const [name, service] of entries) {
      for (const [source = ''] of service.volumes.map((volume) => volume.split(':'))) {
        if (source.startsWith('./')) expect(isTracked(source.slice(2)), source).toBe(true)
        else expect(Object.keys(volumes), `${name} mounts ${source}`).toContain(source)
      }
      if (service.build) expect(isTracked(service.build.dockerfile)).toBe(true)
      expect(service.image).toMatch(/:v?\d+\.\d+/)
    }
  })

  it('opens one port, on loopback', () => {
    const open = entries.filter(([, { ports }]) => ports.length > 0)
    expect(open.map(([name]) => name)).toEqual(['edge'])
    expect(open[0]?.[1].ports.every((port) => port.startsWith('127.0.0.1:'))).toBe(true)
    expect(entries.filter(([, { privileged }]) => privileged).map(([name]) => name)).toEqual(['k3s'])
  })

  it('keeps the ports of the edge and of the services the same', () => {
    const caddy = read('infra/compose/Caddyfile')
    expect(caddy).toContain('reverse_proxy platform:3001')
    expect(read('infra/images/platform/Dockerfile')).toContain('SLIPWAY_LISTEN_PORT=3001')
    expect(read('infra/images/console/Dockerfile')).toContain('PORT=3000')
  })
})
