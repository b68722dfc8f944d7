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

test('a process without the role git needs the address of the one that has it, and no folder of its own', () => {
  const { SLIPWAY_STATE_DIR: _none, ...rest } = complete
  expect(() => readSettings({ ...rest, SLIPWAY_ROLES: 'web, reconcile' })).toThrow('SLIPWAY_GIT_URL is not set')
  expect(() => readSettings({ ...rest, SLIPWAY_ROLES: 'git' })).toThrow('SLIPWAY_STATE_DIR is not set')
  expect(() => readSettings({ ...complete, SLIPWAY_ROLES: 'web,build' })).toThrow(
    'must be a list of web, reconcile, git',
  )
  const settings = readSettings({ ...rest, SLIPWAY_ROLES: 'web,reconcile', SLIPWAY_GIT_URL: 'http://git:3001/' })
  expect(settings).toMatchObject({ roles: ['web', 'reconcile'], gitUrl: 'http://git:3001', stateDir: null })
  expect(readSettings(complete)).toMatchObject({ roles: ['web', 'reconcile', 'git'], gitUrl: null })
})

test('the credentials of a registry become what builds push with', () => {
  const settings = readSettings({
    ...complete,
    SLIPWAY_REGISTRY: 'registry.example.com/slipway',
    SLIPWAY_REGISTRY_USERNAME: 'robot',
    SLIPWAY_REGISTRY_PASSWORD: 'secret',
  })
  expect(settings.registryPushUrl).toBe('https://registry.example.com')
  expect(JSON.parse(settings.registryConfig ?? '')).toEqual({
    auths: { 'registry.example.com': { auth: Buffer.from('robot:secret').toString('base64') } },
  })
  expect(() => readSettings({ ...complete, SLIPWAY_REGISTRY_USERNAME: 'robot' })).toThrow('are set together')
})

test('mail needs a server and a sender, and what is wrong shows no password', () => {
  expect(readSettings(complete).mail).toBeNull()
  const mail = { SLIPWAY_SMTP_URL: 'smtp://ada:hush@mail.example.com', SLIPWAY_MAIL_FROM: 'slipway@example.com' }
  expect(readSettings({ ...complete, ...mail }).mail?.from).toBe('slipway@example.com')
  expect(() => readSettings({ ...complete, ...mail, SLIPWAY_MAIL_FROM: '' })).toThrow('SLIPWAY_MAIL_FROM is not set')
  try {
    readSettings({ ...complete, ...mail, SLIPWAY_SMTP_URL: 'http://ada:hush@mail' })
    expect.unreachable()
  } catch (error) {
    expect(String(error)).toContain('SLIPWAY_SMTP_URL: must be an address such as smtp://')
    expect(String(error)).not.toContain('hush@mail')
  }
})
