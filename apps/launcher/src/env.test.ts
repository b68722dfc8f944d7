import { createPublicKey } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { PLATFORM_VARIABLES } from '../../platform/src/env.ts'
import { inheritedEnv, type LauncherEnv, ROOT, readEnv } from './env.ts'
import { localClusterPart, platformPart } from './parts.ts'
import { loadSecrets } from './secrets.ts'

const dirs: string[] = []
afterEach(() => {
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true })
})

function temporaryDir(): string {
  const dir = mkdtempSync(path.join(tmpdir(), 'launcher-env-'))
  dirs.push(dir)
  return dir
}

describe('environment', () => {
  it('has defaults for everything', () => {
    expect(readEnv({ NODE_ENV: 'test' })).toMatchObject({
      port: 3000,
      url: 'http://localhost:3000',
      databaseUrl: null,
      kubeconfig: null,
    })
  })

  it('names what is wrong in one line', () => {
    const read = (env: Record<string, string>) => () => readEnv({ NODE_ENV: 'test', ...env })
    expect(read({ SLIPWAY_PORT: '70000' })).toThrow(/SLIPWAY_PORT/)
    expect(read({ SLIPWAY_URL: 'not an address' })).toThrow(/SLIPWAY_URL/)
    expect(read({ SLIPWAY_ADMIN_EMAIL: 'a@b.c' })).toThrow('set both SLIPWAY_ADMIN_EMAIL and SLIPWAY_ADMIN_PASSWORD')
  })

  /** Chosen by the launcher or handed over by it under the same name, whatever a person set. */
  const WIRED = /^(SLIPWAY_(STATE_DIR|LISTEN_HOST|LISTEN_PORT|CONSOLE_URL|CLUSTER_KIND)|KUBECONFIG|DATABASE_URL)$/
  const wiring = (env: LauncherEnv) => ({
    env,
    ports: { platform: 1, console: 2, clusterApi: 3, ingress: 4 },
    secrets: loadSecrets(env),
    databaseUrl: env.databaseUrl ?? 'postgresql://embedded',
    kubeconfig: env.kubeconfig ?? '/state/kubeconfig',
  })
  const VALUES: Record<string, string> = {
    SLIPWAY_PORT: '3999',
    SLIPWAY_URL: 'https://paas.example.com',
    SLIPWAY_INTERNAL_URL: 'http://127.0.0.1:3001',
    SLIPWAY_LISTEN_PORT: '3001',
    SLIPWAY_LOG_LEVEL: 'debug',
  }

  it('passes every variable of the platform on, also those that only the newest platform knows', () => {
    const names = [...PLATFORM_VARIABLES, 'SLIPWAY_OF_TOMORROW']
    const set = Object.fromEntries(names.map((name) => [name, VALUES[name] ?? `set-${name}`]))
    const passed = platformPart(wiring(readEnv({ NODE_ENV: 'test', ...set, SLIPWAY_STATE_DIR: temporaryDir() }))).env
    expect(Object.keys(passed)).toEqual(expect.arrayContaining(names))
    for (const name of names) if (!WIRED.test(name)) expect(passed[name], name).toBe(set[name])
    expect(passed).toMatchObject({
      SLIPWAY_CLUSTER_KIND: 'kubernetes',
      SLIPWAY_LISTEN_HOST: '127.0.0.1',
      KUBECONFIG: set.KUBECONFIG,
      DATABASE_URL: set.DATABASE_URL,
    })
  })

  it('knows every variable that the documentation names', () => {
    const documents = ['README.md', 'docs/operating.md'].map((file) => readFileSync(path.join(ROOT, file), 'utf8'))
    const documented = new Set(documents.join('\n').match(/\b(SLIPWAY_[A-Z_]+[A-Z]|DATABASE_URL|KUBECONFIG)\b/g))
    const known = [...PLATFORM_VARIABLES, 'SLIPWAY_PORT']
    expect([...documented].filter((name) => !known.includes(name))).toEqual([])
  })

  it('keeps what only another cluster needs from the local one', () => {
    const env = readEnv({ NODE_ENV: 'test', SLIPWAY_CLUSTER_RUNTIME: 'x', SLIPWAY_STATE_DIR: temporaryDir() })
    expect(localClusterPart(wiring(env)).env).toMatchObject({
      SLIPWAY_CLUSTER_RUNTIME: 'x',
      SLIPWAY_CLUSTER_API_PORT: '3',
    })
    expect(platformPart(wiring(env)).env).toMatchObject({
      SLIPWAY_CLUSTER_KIND: 'local',
      SLIPWAY_INTERNAL_URL: 'http://127.0.0.1:1',
      SLIPWAY_REGISTRY_PUSH_URL: 'http://127.0.0.1:3',
    })
  })

  it('opens the registry of the local cluster with a key pair of the installation, and no other registry', () => {
    const env = readEnv({ NODE_ENV: 'test', SLIPWAY_PORT: '3999', SLIPWAY_STATE_DIR: temporaryDir() })
    const { publicKey, realm } = JSON.parse(localClusterPart(wiring(env)).env.SLIPWAY_CLUSTER_REGISTRY_TOKENS ?? '')
    expect(realm).toBe('http://127.0.0.1:3999/registry/token')
    const key = platformPart(wiring(env)).env.SLIPWAY_REGISTRY_TOKEN_KEY ?? ''
    expect(createPublicKey(key).export({ type: 'spki', format: 'pem' })).toBe(publicKey)
    const other = readEnv({ NODE_ENV: 'test', SLIPWAY_REGISTRY: 'ghcr.io/acme', SLIPWAY_STATE_DIR: temporaryDir() })
    expect(platformPart(wiring(other)).env).not.toHaveProperty('SLIPWAY_REGISTRY_TOKEN_KEY')
    const wrong = { ...wiring(env), secrets: { ...loadSecrets(env), registryTokenKey: 'x' } }
    expect(() => localClusterPart(wrong)).toThrow(/^SLIPWAY_REGISTRY_TOKEN_KEY, .* is no private key in PEM\.$/)
  })

  it('says which variable builds on another cluster lack', () => {
    const env = { NODE_ENV: 'test', KUBECONFIG: '/k', SLIPWAY_REGISTRY: 'registry.example.com/slipway' } as const
    expect(() => readEnv(env)).toThrow(/^SLIPWAY_REGISTRY is set, but SLIPWAY_INTERNAL_URL is not\. Set it to/)
    expect(readEnv({ ...env, SLIPWAY_INTERNAL_URL: 'http://192.0.2.10:3001' }).internal).toEqual({
      host: '192.0.2.10',
      port: 3001,
    })
  })

  it.each<[Record<string, string>, { host: string; port: number } | null]>([
    [{}, null],
    [{ SLIPWAY_INTERNAL_URL: 'http://localhost:3001' }, null],
    [{ SLIPWAY_INTERNAL_URL: 'https://paas.example.com' }, null],
    [{ SLIPWAY_INTERNAL_URL: 'http://[2001:db8::1]' }, { host: '2001:db8::1', port: 80 }],
    [
      { SLIPWAY_INTERNAL_URL: 'https://paas.example.com', SLIPWAY_LISTEN_HOST: '0.0.0.0', SLIPWAY_LISTEN_PORT: '3001' },
      { host: '0.0.0.0', port: 3001 },
    ],
  ])('listens for pods where %j says', (env, expected) => {
    expect(readEnv({ NODE_ENV: 'test', ...env }).internal).toEqual(expected)
  })

  it('passes on no secret of the terminal', () => {
    const env = {
      NODE_ENV: 'test',
      PATH: '/bin',
      AWS_SECRET_ACCESS_KEY: 'x',
      DATABASE_URL: 'y',
      https_proxy: 'z',
    } as const
    expect(inheritedEnv(env)).toEqual({ PATH: '/bin', https_proxy: 'z' })
  })
})
