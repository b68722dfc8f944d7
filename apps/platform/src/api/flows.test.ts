import { removeDeletedApp, removeDeletedEnvironment } from '@slipway/db'
import type { AppRef, AppView } from '@slipway/domain'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Caller } from '../auth/caller.ts'
import { type ApiServer, startApiServer } from './testing/api-server.ts'
import { callAs, errorOf } from './testing/callers.ts'
import { createAccount } from './testing/place.ts'

let server: ApiServer
let op: Caller
beforeAll(async () => {
  server = await startApiServer()
  op = (await createAccount(server, 'op@acme.example')).caller
})
afterAll(() => server.stop())

const as = (caller: Caller | null) => callAs(server, caller)
const shop = { team: 'acme', project: 'shop', environment: 'production' }

test('the guided start: a team, a project with its production environment, an app of each kind', async () => {
  await as(op).team.create({ team: 'acme', name: 'Acme' })
  const project = await as(op).project.create({ team: 'acme', project: 'shop', name: 'Shop' })
  expect(project.environments).toEqual([{ environment: 'production', kind: 'production', apps: [] }])
  const git = await as(op).app.create({ ...shop, app: 'web', source: { kind: 'git' } })
  expect(git).toMatchObject({
    ref: { ...shop, app: 'web' },
    gitUrl: `${server.origin}/git/acme/shop/production/web.git`,
    health: { status: 'Suspended', reason: 'NotDeployed', action: 'Push your code to deploy it.' },
    currentRelease: null,
    url: null,
  })
  const source = { kind: 'image', image: 'nginx:1', command: 'nginx -g "daemon off;"' } as const
  const image = await as(op).app.create({ ...shop, app: 'image', source })
  const port = new URL(server.origin).port
  expect(image).toMatchObject({
    url: `http://image.shop-production.localhost:${port}`,
    currentRelease: 1,
    instances: { ready: 0, wanted: 1 },
    lastRelease: { number: 1, status: 'pending', by: op.name },
  })
  expect(image.processes).toMatchObject([{ name: 'web', command: 'nginx -g "daemon off;"', instances: 1 }])
})

test('config is masked in lists, clear only when asked for, and that is written down', async () => {
  const ref = { ...shop, app: 'web' }
  expect(await as(op).config.update({ ...ref, set: { TOKEN: 'hush-hush' } })).toBeNull()
  const list = await as(op).config.list(ref)
  expect(list).toMatchObject([{ key: 'TOKEN', masked: '••••••••••••••••', updatedBy: op.name }])
  expect(await as(op).config.reveal({ ...ref, key: 'TOKEN' })).toEqual({ value: 'hush-hush' })
  const { items } = await as(op).audit.list({ team: 'acme', limit: 2 })
  expect(items).toMatchObject([
    { action: 'config.reveal', actor: op.email, subject: 'acme/shop/production/web' },
    { action: 'config.update', summary: 'Set TOKEN.' },
  ])
  expect(JSON.stringify(items)).not.toContain('hush-hush')
  const reserved = await errorOf(as(op).config.update({ ...ref, set: { PORT: '1' } }))
  expect(reserved).toMatchObject({
    code: 'invalid_input',
    message: expect.stringContaining('sets this variable itself'),
  })
  const large = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`K${i}`, 'x'.repeat(32_000)]))
  expect((await errorOf(as(op).config.update({ ...ref, set: large }))).code).toBe('too_large')
  expect(await as(op).config.list(ref)).toHaveLength(1)
})

test('a host name leads to one app only, generated names included', async () => {
  const ref = { ...shop, app: 'web' }
  const other = { ...shop, app: 'image' }
  const port = new URL(server.origin).port
  const added = await as(op).domain.add({ ...other, hostname: 'Shop.example.com' })
  expect(added.url).toBe(`http://shop.example.com:${port}`)
  expect((await errorOf(as(op).domain.add({ ...ref, hostname: 'shop.example.com' }))).code).toBe('conflict')
  const generated = 'image.shop-production.localhost'
  expect((await errorOf(as(op).domain.add({ ...ref, hostname: generated }))).code).toBe('conflict')
  const stray = { ...other, hostname: 'stray.example.com' }
  expect((await errorOf(as(op).domain.remove(stray))).code).toBe('not_found')
  const removed = await as(op).domain.remove({ ...other, hostname: 'shop.example.com' })
  expect(removed.domains).toEqual([
    {
      hostname: generated,
      url: `http://${generated}:${port}`,
      generated: true,
      certificate: null,
      proof: null,
      refusal: null,
    },
  ])
})

test('apps of the same path in two teams have host names of their own', async () => {
  await as(op).team.create({ team: 'twin', name: 'Twin' })
  await as(op).project.create({ team: 'twin', project: 'shop', name: 'Shop' })
  const twin: AppView = await as(op).app.create({ ...shop, team: 'twin', app: 'image', source: { kind: 'git' } })
  expect(twin.domains[0]?.hostname).toMatch(/^image\.shop-production-[0-9a-f]{6}\.localhost$/)
})

test('a repository keeps its webhook when it is connected again; a new secret is another one', async () => {
  const ref = { ...shop, app: 'web' }
  expect(await as(op).webhook.get(ref)).toBeNull()
  const source = { ...ref, host: 'github', repositoryUrl: 'https://github.com/acme/shop', branch: 'main' } as const
  const first = await as(op).source.connect({ ...source, accessToken: 'ghp_hush' })
  expect(first.url).toMatch(new RegExp(`^${server.origin}/hooks/[0-9a-f]{32}$`))
  const again = await as(op).source.connect({ ...source, branch: 'trunk' })
  expect(again).toEqual({ ...first, branch: 'trunk' })
  const rotated = await as(op).webhook.rotateSecret(ref)
  expect(rotated.url).toBe(first.url)
  expect(rotated.secret).not.toBe(first.secret)
  const stored = await server.database.db.pool.query('SELECT to_jsonb(s)::text AS text FROM git_sources s')
  expect(stored.rows[0].text).not.toMatch(new RegExp(`ghp_hush|${rotated.secret}`))
  await as(op).source.disconnect(ref)
  expect(await as(op).webhook.get(ref)).toBeNull()
})

test('quota: what is refused changes nothing, and the page adds up', async () => {
  await as(op).quota.set({ team: 'acme', limits: { cpuMillis: 400, memoryMiB: null, instances: 4 } })
  const limits = { cpuMillis: 300, memoryMiB: null, instances: 3 }
  const quota = await as(op).quota.allocate({ ...shop, limits })
  expect(quota.team).toMatchObject({
    allotted: { cpuMillis: 300, instances: 3 },
    reserved: { cpuMillis: 100, instances: 1 },
    bounds: { cpuMillis: { free: 100 }, memoryMiB: { free: null }, instances: { free: 1 } },
  })
  const ref = { ...shop, app: 'image' }
  const refused = await errorOf(as(op).app.scale({ ...ref, processes: [{ name: 'web', instances: 4 }] }))
  expect(refused).toMatchObject({ code: 'quota_exceeded', details: { level: 'environment', limit: 300 } })
  expect((await as(op).app.get(ref)).instances.wanted).toBe(1)
  const unknown = await errorOf(as(op).app.scale({ ...ref, processes: [{ name: 'worker', instances: 1 }] }))
  expect(unknown.message).toContain('It has: web')
})

test('deleting asks for the name, hides at once, keeps the name until it is gone, and ends its builds', async () => {
  const ref: AppRef = { ...shop, app: 'doomed' }
  const { db } = server.database
  await as(op).app.create({ ...ref, source: { kind: 'git' } })
  const app = await db.client.app.findFirstOrThrow({ where: { slug: 'doomed' } })
  const commit = { commit: 'a'.repeat(40), branch: 'main', message: 'm', by: 'b' }
  const build = await db.client.build.create({ data: { appId: app.id, number: 1, trigger: 'push', ...commit } })
  expect((await errorOf(as(op).app.delete({ ...ref, confirm: 'doom' }))).code).toBe('invalid_input')
  await as(op).app.delete({ ...ref, confirm: 'doomed' })
  expect((await errorOf(as(op).app.get(ref))).code).toBe('not_found')
  expect((await errorOf(as(op).app.create({ ...ref, source: { kind: 'git' } }))).message).toContain('being deleted')
  const cancelled = await db.client.build.findUniqueOrThrow({ where: { id: build.id } })
  expect(cancelled.cancelRequestedAt).not.toBeNull()
  await removeDeletedApp(db, app.id)
  await as(op).app.create({ ...ref, source: { kind: 'git' } })
})

test('a project goes with its environments and apps, the rows only once each part is gone', async () => {
  const { db } = server.database
  await as(op).project.create({ team: 'twin', project: 'gone', name: 'Gone' })
  const place = { team: 'twin', project: 'gone', environment: 'production' }
  await as(op).app.create({ ...place, app: 'web', source: { kind: 'image', image: 'nginx' } })
  await as(op).project.delete({ team: 'twin', project: 'gone', confirm: 'gone' })
  expect((await errorOf(as(op).app.get({ ...place, app: 'web' }))).code).toBe('not_found')
  const environment = await db.client.environment.findFirstOrThrow({ where: { project: { slug: 'gone' } } })
  const app = await db.client.app.findFirstOrThrow({ where: { environmentId: environment.id } })
  expect([environment.deletedAt, app.deletedAt]).not.toContain(null)
  expect(await removeDeletedEnvironment(db, environment.id)).toBe(false)
  await removeDeletedApp(db, app.id)
  expect(await removeDeletedEnvironment(db, environment.id)).toBe(true)
  expect(await db.client.project.count({ where: { slug: 'gone' } })).toBe(0)
})
