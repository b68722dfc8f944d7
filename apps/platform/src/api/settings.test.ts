import type { AppRef } from '@slipway/domain'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addressOf } from '../apps/address.ts'
import { type ApiServer, startApiServer } from './testing/api-server.ts'
import { callAs, errorOf } from './testing/callers.ts'
import { createFullApp, createTeamWithRoles, type TestTeam } from './testing/place.ts'

let server: ApiServer
let team: TestTeam
let ref: AppRef
beforeAll(async () => {
  server = await startApiServer()
  team = await createTeamWithRoles(server, 'acme')
  ref = (await createFullApp(server, team)).ref
})
afterAll(() => server.stop())

const developer = () => callAs(server, team.members.developer.caller)
const admin = () => callAs(server, team.members.admin.caller)
const audit = async (action: string) =>
  (await admin().audit.list({ team: 'acme' })).items.filter((each) => each.action === action)

describe('settings of an app', () => {
  test('begin with their defaults, and change one by one with a line in the audit log', async () => {
    expect(await developer().app.get(ref)).toMatchObject({
      settings: { rootDirectory: '', builder: 'automatic', cacheVersion: 0 },
      deployBranch: null,
      slipwayFile: null,
    })
    await developer().app.updateSettings({ ...ref, settings: { rootDirectory: 'apps/web' }, deployBranch: 'release' })
    const view = await developer().app.updateSettings({ ...ref, settings: { builder: 'dockerfile' } })
    expect(view).toMatchObject({
      settings: { rootDirectory: 'apps/web', builder: 'dockerfile', dockerfile: 'Dockerfile' },
      deployBranch: 'release',
    })
    const summaries = (await audit('app.updateSettings')).map(({ summary }) => summary)
    expect(summaries).toContain(
      'Root directory: top of the repository → apps/web; Deployed branch: chosen by the first push → release.',
    )
    expect((await developer().app.updateSettings({ ...ref, deployBranch: null })).deployBranch).toBeNull()
  })

  test('make no release, and no audit event where nothing changes', async () => {
    const before = await developer().app.get(ref)
    const events = (await audit('app.updateSettings')).length
    const { settings } = before
    const { cacheVersion: _, ...same } = settings
    const after = await developer().app.updateSettings({ ...ref, settings: same })
    expect(after.lastRelease).toEqual(before.lastRelease)
    expect(await audit('app.updateSettings')).toHaveLength(events)
  })

  test('keep the values of build arguments out of the audit log', async () => {
    await developer().app.updateSettings({ ...ref, settings: { buildArgs: { NPM_TOKEN: 'hush-hush' } } })
    const [event] = await audit('app.updateSettings')
    expect(event?.summary).toBe('Build arguments changed.')
  })

  test('name the field that is wrong', async () => {
    const settings = { rootDirectory: '../elsewhere' }
    const error = await errorOf(developer().app.updateSettings({ ...ref, settings }))
    expect(error.code).toBe('invalid_input')
    expect(error.message).toContain('inside the repository')
  })

  test('the build cache is cleared by a version of its own, which a change of settings keeps', async () => {
    const { settings } = await developer().build.clearCache(ref)
    expect(settings.cacheVersion).toBe(1)
    const after = await developer().app.updateSettings({ ...ref, settings: { builder: 'native' } })
    expect(after.settings.cacheVersion).toBe(1)
    expect((await audit('build.clearCache'))[0]?.summary).toBe('Cleared the build cache.')
  })

  test('can be given when the app is created', async () => {
    const app = { ...ref, app: 'with-settings', source: { kind: 'git' }, settings: { rootDirectory: 'web' } } as const
    expect((await developer().app.create(app)).settings).toMatchObject({ rootDirectory: 'web', builder: 'automatic' })
  })

  test('show what slipway.yaml said in the newest build', async () => {
    const slipwayFile = { build: { builder: 'buildpacks' } }
    await server.database.db.client.build.updateMany({ where: { number: 1 }, data: { slipwayFile } })
    expect((await developer().app.get(ref)).slipwayFile).toEqual({
      build: 1,
      commit: 'a'.repeat(40),
      file: slipwayFile,
    })
  })
})

describe('registries of a team', () => {
  const ghcr = { team: 'acme', host: 'GHCR.io', username: 'octo', password: 'ghp_hush' }

  test('are listed by host, without passwords, which are encrypted at rest', async () => {
    const list = await admin().registry.set(ghcr)
    expect(list[0]).toMatchObject({ host: 'ghcr.io', username: 'octo', updatedBy: 'admin' })
    expect(JSON.stringify(await developer().registry.list({ team: 'acme' }))).not.toContain('hush')
    const row = await server.database.db.client.registryCredential.findFirstOrThrow({
      where: { host: 'ghcr.io' },
    })
    expect(row.passwordCiphertext).toMatch(/^v1\./)
    expect(JSON.stringify(row)).not.toContain('hush')
    const [event] = await audit('registry.set')
    expect(event?.summary).toBe('Added the credentials for ghcr.io, user octo.')
  })

  test('bring every environment up to date', async () => {
    const generations = () =>
      server.database.db.client.environment.findMany({ select: { generation: true }, orderBy: { id: 'asc' } })
    const before = await generations()
    await admin().registry.set({ ...ghcr, username: 'other' })
    expect((await generations()).map(({ generation }) => generation - 1)).toEqual(
      before.map(({ generation }) => generation),
    )
    expect((await audit('registry.set'))[0]?.summary).toBe('Replaced the credentials for ghcr.io, user other.')
  })

  test('are removed once', async () => {
    const left = await admin().registry.remove({ team: 'acme', host: 'ghcr.io' })
    expect(left.map(({ host }) => host)).toEqual(['registry.example.com'])
    expect(await errorOf(admin().registry.remove({ team: 'acme', host: 'ghcr.io' }))).toMatchObject({
      code: 'not_found',
      message: 'acme has no credentials for ghcr.io.',
    })
  })
})

describe('images that another team built', () => {
  const image = 'registry.slipway.internal/other/shop-web:latest'

  test('cannot be deployed, nor made an app of', async () => {
    expect((await errorOf(developer().release.deployImage({ ...ref, image }))).code).toBe('forbidden')
    const app = { ...ref, app: 'thief', source: { kind: 'image', image } } as const
    expect((await errorOf(developer().app.create(app))).code).toBe('forbidden')
    const own = 'registry.slipway.internal/acme/shop-web:latest'
    expect((await developer().release.deployImage({ ...ref, image: own })).image).toBe(own)
  })
})

describe('addresses of apps', () => {
  const host = 'web.apps.example.com'
  test.each([
    ['http://localhost:3000', null, null, 'http://web.apps.example.com:3000'],
    ['https://slipway.example.com', null, null, 'https://web.apps.example.com'],
    ['http://localhost:3000', 'https', null, 'https://web.apps.example.com'],
    ['http://localhost:3000', 'https', 8443, 'https://web.apps.example.com:8443'],
    ['https://slipway.example.com', 'http', 80, 'http://web.apps.example.com'],
    ['https://slipway.example.com:8443', null, 443, 'https://web.apps.example.com'],
  ] as const)('of %s with %s and %s are %s', (publicUrl, appsScheme, appsPort, expected) => {
    expect(addressOf({ publicUrl, appsScheme, appsPort, appsShareThePort: true }, host)).toBe(expected)
  })
  test("behind another cluster's ingress have its port, not the platform's", () => {
    const config = { publicUrl: 'http://localhost:3000', appsScheme: null, appsPort: null, appsShareThePort: false }
    expect(addressOf(config, host)).toBe('http://web.apps.example.com')
    expect(addressOf({ ...config, appsPort: 8080 }, host)).toBe('http://web.apps.example.com:8080')
  })
})
