import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createAppAt, createPlace, type Place } from './testing/fixture.ts'
import { createTestDatabase, type TestDatabase } from './testing/index.ts'
import { readWantedApps } from './wanted-apps.ts'

const APPS = 300
const RELEASES = 20

let database: TestDatabase
let place: Place
beforeAll(async () => {
  database = await createTestDatabase()
  place = await createPlace(database.db, 'acme')
  const foreign = await createPlace(database.db, 'globex')
  await createAppAt(database.db, foreign, 'foreign')
  await createAppAt(database.db, place, 'shop', 'nginx:1')
  await createAppAt(database.db, place, 'going')
  const { pool } = database.db
  await pool.query(`UPDATE apps SET "deletedAt" = now() WHERE slug = 'going'`)
  await pool.query(
    `INSERT INTO apps (id, "environmentId", slug, "sourceKind", "hostPrefix")
      SELECT gen_random_uuid(), $1, 'app-' || n, 'git', 'app-' || n FROM generate_series(1, $2) n`,
    [place.environmentId, APPS],
  )
  await pool.query(
    `INSERT INTO releases (id, "appId", number, kind, status, description, by, image, processes, "configCiphertext", "configChanges")
      SELECT gen_random_uuid(), a.id, n, 'build', 'superseded', 'Deploy ' || n, 'Ada', 'shop',
        '[{"name":"web","kind":"web","command":null}]', 'x', '[]'
      FROM apps a, generate_series(1, $1) n WHERE a.slug LIKE 'app-%'`,
    [RELEASES],
  )
  await pool.query(`UPDATE apps SET "currentReleaseNumber" = 19 WHERE slug LIKE 'app-%'`)
})
afterAll(() => database?.stop())

test('20 Home: 300 apps with all their releases are one statement', async () => {
  const statements = vi.spyOn(database.db.pool, 'query')
  const apps = await readWantedApps(database.db, null)
  expect(statements).toHaveBeenCalledTimes(1)
  statements.mockRestore()
  expect(apps).toHaveLength(APPS + 3)
  const releases = apps
    .filter(({ ref }) => ref.app.startsWith('app-'))
    .map((app) => app.releases.map((each) => each.number))
  expect(new Set(releases.map((numbers) => numbers.join()))).toEqual(new Set(['20,19,18,17,16,15,14,13,12,11']))
})

test('an app holds what is wanted of it: release, scales, hosts, and its newest releases and builds', async () => {
  const { client } = database.db
  const { id } = await client.app.findFirstOrThrow({ where: { slug: 'shop' } })
  await client.domain.createMany({
    data: ['b.example.com', 'a.example.com'].map((hostname, n) => ({
      ...{ appId: id, hostname, createdAt: new Date(Date.UTC(2026, 0, 1 + n)) },
    })),
  })
  await client.domainClaim.create({
    data: { appId: id, hostname: 'c.example.com', token: 't', checkedAt: new Date(0) },
  })
  const build = { trigger: 'push', commit: 'c', branch: 'main', message: 'm', by: 'Ada' } as const
  await client.build.create({ data: { ...build, appId: id, number: 1, status: 'failed', failure: 'It failed.' } })
  await client.appProcess.updateMany({ where: { appId: id }, data: { restartedAt: new Date(Date.UTC(2026, 1, 3)) } })
  const [app] = await readWantedApps(database.db, [id])
  expect(app).toMatchObject({
    ...{ id, ref: { ...place.ref, app: 'shop' }, teamId: place.teamId, namespace: 'acme-shop-production' },
    ...{
      sourceKind: 'image',
      releaseCount: 1,
      release: 1,
      fallback: null,
      isDeleted: false,
    },
    current: { number: 1, image: 'nginx:1', status: 'pending', isNative: false, liveAt: null },
    processes: [{ name: 'web', kind: 'web', command: null, instances: 1, restartedAt: '2026-02-03T00:00:00.000Z' }],
    hostnames: ['b.example.com', 'a.example.com'],
    claims: [{ hostname: 'c.example.com', token: 't', problem: null, checkedAt: new Date(0) }],
    releases: [{ number: 1, description: 'Deploy nginx:1', status: 'pending', by: place.actor.name }],
    builds: [{ number: 1, status: 'failed', failure: 'It failed.', release: null }],
    stored: { health: null, why: null, refusals: null, servingRelease: null, generation: 0 },
  })
  expect(app?.releases[0]?.createdAt).toBeInstanceOf(Date)
})

test('a rollback goes to the newest release before the current one that was live', async () => {
  const { pool } = database.db
  const { id } = await database.db.client.app.findFirstOrThrow({ where: { slug: 'app-7' } })
  await pool.query(`UPDATE releases SET "liveAt" = now() WHERE "appId" = $1 AND number IN (3, 17, 20)`, [id])
  expect((await readWantedApps(database.db, [id]))[0]).toMatchObject({ release: 19, fallback: 17 })
})

test('apps that are being deleted are read, those that are gone are not', async () => {
  const { id } = await database.db.client.app.findFirstOrThrow({ where: { slug: 'going' } })
  const apps = await readWantedApps(database.db, [id, '01900000-0000-7000-8000-000000000000'])
  expect(apps.map(({ ref, isDeleted }) => [ref.app, isDeleted])).toEqual([['going', true]])
})
