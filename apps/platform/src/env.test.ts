import { expect, test } from 'vitest'
import { readSettings } from './env.ts'

const complete = {
  DATABASE_URL: 'postgresql://localhost/slipway',
  SLIPWAY_STATE_DIR: '/var/lib/slipway',
  SLIPWAY_SECRET_KEY: Buffer.alloc(32).toString('base64'),
  SLIPWAY_SESSION_SECRET: 'x'.repeat(32),
  NODE_ENV: 'test',
} as const

test('what is not set has its default, and an empty value is as good as none', () => {
  const settings = readSettings({
    ...complete,
    SLIPWAY_REGISTRY: '',
    SLIPWAY_BUILD_CONCURRENCY: '',
    SLIPWAY_URL: 'https://slipway.example.com/',
  })
  expect(settings).toMatchObject({
    publicUrl: 'https://slipway.example.com',
    registry: null,
    clusterKind: 'kubernetes',
    buildConcurrency: 2,
    buildTimeoutMs: 15 * 60_000,
    listenHost: '127.0.0.1',
    admin: null,
  })
})

test('scheme and port of apps are their own where they are set', () => {
  expect(readSettings(complete)).toMatchObject({ appsScheme: null, appsPort: null })
  const apps = { SLIPWAY_APPS_SCHEME: 'https', SLIPWAY_APPS_PORT: '8443' }
  expect(readSettings({ ...complete, ...apps })).toMatchObject({ appsScheme: 'https', appsPort: 8443 })
  expect(() => readSettings({ ...complete, SLIPWAY_APPS_PORT: '0' })).toThrow(/SLIPWAY_APPS_PORT/)
})

test('everything that is wrong is said at once, one line each, without values', () => {
  const wrong = {
    NODE_ENV: 'test',
    SLIPWAY_SECRET_KEY: 'hush',
    SLIPWAY_SESSION_SECRET: 'short hush',
    DATABASE_URL: 'mysql://hush',
  } as const
  expect(() => readSettings(wrong)).toThrow(/DATABASE_URL: must be a postgres/)
  try {
    readSettings(wrong)
  } catch (error) {
    const message = String(error)
    expect(message.split('\n')).toHaveLength(5)
    expect(message).toContain('SLIPWAY_STATE_DIR is not set.')
    expect(message).not.toContain('hush')
  }
})
