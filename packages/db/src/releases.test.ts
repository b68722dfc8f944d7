import { isAppError } from '@slipway/domain'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { updateSettings } from './app-settings.ts'
import { createApp, scaleApp } from './apps.ts'
import { completeBuild, endBuild, startBuild } from './builds.ts'
import { readReleaseConfig } from './config-vars.ts'
import { applyConfig, cancelRelease, deployImage, rollback } from './release-changes.ts'
import { getRelease, listReleases, observeRelease, readReleaseEnvironment } from './releases.ts'
import { createAppAt, createPlace, type Place, WEB } from './testing/fixture.ts'
import { createTestDatabase, type TestDatabase } from './testing/index.ts'

let database: TestDatabase
let place: Place
beforeAll(async () => {
  database = await createTestDatabase()
  place = await createPlace(database.db, 'acme')
})
afterAll(() => database.stop())

const live = (appId: string, number: number) =>
  observeRelease(database.db, { appId, number, status: 'live', message: null, now: new Date() })

const appRow = (id: string) => database.db.client.app.findUniqueOrThrow({ where: { id } })

test('releases that are made at once get one number each, and the app points at the last', async () => {
  const { db } = database
  const appId = await createAppAt(db, place, 'racing')
  const releases = await Promise.all(
    Array.from({ length: 8 }, (_, i) => deployImage(db, { appId, image: `nginx:1.${i}`, actor: place.actor })),
  )
  expect(releases.map(({ number }) => number).sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  expect(await appRow(appId)).toMatchObject({ currentReleaseNumber: 8, releaseCount: 8, generation: 9 })
  const { rows } = await listReleases(db, appId, { limit: 50 })
  expect(rows.map(({ status }) => status)).toEqual(['pending', ...Array.from({ length: 7 }, () => 'superseded')])
})

test('config is a snapshot of its release: encrypted, immutable, and back with a rollback', async () => {
  const { db } = database
  const { actor } = place
  const appId = await createAppAt(db, place, 'configured')
  expect(await applyConfig(db, { appId, set: { A: '1', TOKEN: 'hush-hush' }, unset: [], actor })).toBeNull()
  const v1 = await deployImage(db, { appId, image: 'nginx:1', actor })
  const v2 = await applyConfig(db, { appId, set: { A: '2', B: 'new' }, unset: ['TOKEN'], actor })
  expect(v2).toMatchObject({ number: 2, kind: 'config', image: 'nginx:1', description: 'Set A, B; remove TOKEN' })
  expect(v2?.configChanges).toEqual([
    { key: 'A', change: 'changed' },
    { key: 'B', change: 'added' },
    { key: 'TOKEN', change: 'removed' },
  ])
  expect(readReleaseConfig(db, v1)).toEqual({ A: '1', TOKEN: 'hush-hush' })
  const stored = await db.pool.query('SELECT to_jsonb(r)::text AS text FROM releases r WHERE "appId" = $1', [appId])
  expect(stored.rows.map(({ text }) => text).join()).not.toContain('hush-hush')

  const v3 = await rollback(db, { appId, number: 1, actor })
  expect(v3).toMatchObject({ number: 3, kind: 'rollback', image: 'nginx:1', rollbackOf: 1 })
  expect(readReleaseConfig(db, v3)).toEqual({ A: '1', TOKEN: 'hush-hush' })
  const again = await applyConfig(db, { appId, set: { A: '1' }, unset: ['B'], actor })
  expect(again?.number).toBe(3)
})

test('a rollback keeps the scale and refuses the release that runs', async () => {
  const { db } = database
  const { actor } = place
  const appId = await createAppAt(db, place, 'rolled', 'nginx:1')
  await deployImage(db, { appId, image: 'nginx:2', actor })
  await db.client.appProcess.updateMany({ where: { appId }, data: { instances: 3 } })
  await expect(rollback(db, { appId, number: 2, actor })).rejects.toMatchObject({ code: 'conflict' })
  await expect(rollback(db, { appId, number: 9, actor })).rejects.toMatchObject({ code: 'not_found' })
  await rollback(db, { appId, number: 1, actor })
  expect(await db.client.appProcess.findFirst({ where: { appId } })).toMatchObject({ instances: 3 })
})

test('a cancelled release goes back to the last live one, with its config', async () => {
  const { db } = database
  const { actor } = place
  const appId = await createAppAt(db, place, 'cancelled', 'nginx:1')
  expect(await live(appId, 1)).toBe(true)
  await applyConfig(db, { appId, set: { BAD: 'yes' }, unset: [], actor })
  await deployImage(db, { appId, image: 'nginx:broken', actor })
  await observeRelease(db, { appId, number: 3, status: 'rolling_out', message: null, now: new Date() })
  const cancelled = await cancelRelease(db, { appId, number: 3, actor, now: new Date() })
  expect(cancelled).toMatchObject({ status: 'cancelled', message: `Cancelled by ${actor.name}.` })
  expect(await appRow(appId)).toMatchObject({ currentReleaseNumber: 1, releaseCount: 3 })
  expect(await db.client.configVar.count({ where: { appId } })).toBe(0)
  await expect(cancelRelease(db, { appId, number: 3, actor, now: new Date() })).rejects.toMatchObject({
    code: 'conflict',
  })
  await expect(cancelRelease(db, { appId, number: 1, actor, now: new Date() })).rejects.toMatchObject({
    code: 'conflict',
  })
})

test('cancelling the first release leaves the app without one', async () => {
  const { db } = database
  const appId = await createAppAt(db, place, 'first', 'nginx:1')
  await cancelRelease(db, { appId, number: 1, actor: place.actor, now: new Date() })
  expect((await appRow(appId)).currentReleaseNumber).toBeNull()
})

test('what is observed is written once, only of the current release, and supersedes older live ones', async () => {
  const { db } = database
  const appId = await createAppAt(db, place, 'observed', 'nginx:1')
  expect(await live(appId, 1)).toBe(true)
  expect(await live(appId, 1)).toBe(false)
  const { liveAt } = await getRelease(db, appId, 1)
  await deployImage(db, { appId, image: 'nginx:2', actor: place.actor })
  expect(await observeRelease(db, { appId, number: 1, status: 'failed', message: 'late', now: new Date() })).toBe(false)
  expect(await live(appId, 2)).toBe(true)
  expect(await getRelease(db, appId, 1)).toMatchObject({ status: 'superseded', liveAt })
  expect(await getRelease(db, appId, 2)).toMatchObject({ status: 'live' })
})

async function queueBuild(appId: string, number: number) {
  const build = await database.db.client.build.create({
    data: {
      appId,
      number,
      trigger: 'push',
      commit: 'a'.repeat(40),
      branch: 'main',
      message: 'first',
      by: 'Ann',
      byEmail: 'ann@example.com',
    },
  })
  return build.id
}

test('a build makes one release, however often its end is told', async () => {
  const { db } = database
  const appId = await createAppAt(db, place, 'built')
  const buildId = await queueBuild(appId, 1)
  expect(await startBuild(db, buildId, new Date())).toBe(true)
  const result = { buildId, image: 'registry/app@sha256:1', processes: [WEB], now: new Date() }
  const releases = await Promise.all([completeBuild(db, result), completeBuild(db, result), completeBuild(db, result)])
  expect(new Set(releases.map(({ id }) => id)).size).toBe(1)
  expect(releases[0]).toMatchObject({
    number: 1,
    kind: 'build',
    description: 'Deploy aaaaaaa from main',
    buildNumber: 1,
    by: 'Ann',
  })
  const told = await db.client.auditEvent.findMany({ where: { action: 'release.deployBuild' } })
  expect(told.map(({ actor }) => actor)).toEqual(['ann@example.com'])
  expect(await endBuild(db, { buildId, status: 'failed', failure: 'late', now: new Date() })).toBe(false)
})

test('a new release has the start timeout of its time: that of its slipway.yaml, or the app’s; the default is left out', async () => {
  const { db } = database
  const { actor } = place
  const appId = await createAppAt(db, place, 'slow')
  const v1 = await deployImage(db, { appId, image: 'nginx:1', actor })
  expect(v1.processes).toEqual([expect.not.objectContaining({ startTimeoutSeconds: expect.anything() })])
  await updateSettings(db, { appId, settings: { startTimeout: 180 }, actor })
  const v2 = await applyConfig(db, { appId, set: { A: '1' }, unset: [], actor })
  expect(v2?.processes).toEqual([expect.objectContaining({ name: 'web', startTimeoutSeconds: 180 })])
  const buildId = await queueBuild(appId, 1)
  await db.client.build.update({ where: { id: buildId }, data: { slipwayFile: { startTimeout: 300 } } })
  const worker = { name: 'worker', kind: 'worker' as const, command: ['work'] }
  const v3 = await completeBuild(db, { buildId, image: 'r@sha256:1', processes: [WEB, worker], now: new Date() })
  expect(v3.processes).toEqual([expect.objectContaining({ startTimeoutSeconds: 300 }), worker])
  await updateSettings(db, { appId, settings: { startTimeout: 120 }, actor })
  const v4 = await rollback(db, { appId, number: 2, actor })
  expect(v4.processes).toEqual(v1.processes)
})

test('a release tells its instances what they are; a config var of the same name wins, old releases stay as they are', async () => {
  const { db } = database
  const appId = await createAppAt(db, place, 'told')
  const buildId = await queueBuild(appId, 1)
  await applyConfig(db, { appId, set: { SLIPWAY_BRANCH: 'mine' }, unset: [], actor: place.actor })
  const release = await completeBuild(db, { buildId, image: 'registry/a@sha256:1', processes: [WEB], now: new Date() })
  const environment = {
    SLIPWAY_APP: 'told',
    SLIPWAY_ENVIRONMENT: 'production',
    SLIPWAY_RELEASE: 'v1',
    SLIPWAY_COMMIT: 'a'.repeat(40),
    SOURCE_VERSION: 'a'.repeat(40),
    SLIPWAY_BRANCH: 'mine',
  }
  expect(readReleaseEnvironment(db, release)).toEqual(environment)
  const config = await applyConfig(db, { appId, set: {}, unset: ['SLIPWAY_BRANCH'], actor: place.actor })
  if (config === null) throw new Error('there is a release')
  expect(readReleaseEnvironment(db, config)).toEqual({
    ...environment,
    SLIPWAY_RELEASE: 'v2',
    SLIPWAY_BRANCH: 'main',
  })
  // What Slipway adds is no change of the config.
  expect(config.configChanges).toEqual([{ key: 'SLIPWAY_BRANCH', change: 'removed' }])
  // A release of before.
  expect(readReleaseEnvironment(db, { ...release, environment: {} })).toEqual({ SLIPWAY_BRANCH: 'mine' })
  const image = await createAppAt(db, place, 'image', 'nginx:1')
  expect(readReleaseEnvironment(db, await getRelease(db, image, 1))).toEqual({
    SLIPWAY_APP: 'image',
    SLIPWAY_ENVIRONMENT: 'production',
    SLIPWAY_RELEASE: 'v1',
  })
})

test('a build that was cancelled is not released, and leaves no row of a release', async () => {
  const { db } = database
  const appId = await createAppAt(db, place, 'stopped')
  const buildId = await queueBuild(appId, 1)
  await db.client.build.update({ where: { id: buildId }, data: { cancelRequestedAt: new Date() } })
  expect(await startBuild(db, buildId, new Date())).toBe(false)
  const refused = await completeBuild(db, { buildId, image: 'x', processes: [WEB], now: new Date() }).catch((e) => e)
  expect(isAppError(refused) && refused.code).toBe('conflict')
  expect(await db.client.release.count({ where: { appId } })).toBe(0)
})

test('pages follow one another without gaps, and refuse cursors of other lists', async () => {
  const { db } = database
  const appId = await createAppAt(db, place, 'paged')
  for (let i = 0; i < 5; i++) await deployImage(db, { appId, image: `nginx:${i}`, actor: place.actor })
  const numbers: number[] = []
  let cursor: string | null = null
  do {
    const page = await listReleases(db, appId, { limit: 2, cursor })
    numbers.push(...page.rows.map(({ number }) => number))
    cursor = page.nextCursor
  } while (cursor)
  expect(numbers).toEqual([5, 4, 3, 2, 1])
  await expect(listReleases(db, appId, { limit: 2, cursor: "1' OR 1" })).rejects.toMatchObject({
    code: 'invalid_input',
  })
})

test('slipway.yaml names processes of its build: what runs, first counts, and sizes that every build sets again', async () => {
  const { db } = database
  const { actor } = place
  const appId = await createAppAt(db, place, 'named')
  const build = async (number: number, slipwayFile: object) => {
    const buildId = await queueBuild(appId, number)
    await db.client.build.update({ where: { id: buildId }, data: { slipwayFile } })
    return completeBuild(db, { buildId, image: `r@sha256:${number}`, processes: [WEB], now: new Date() })
  }
  const scales = async () =>
    Object.fromEntries(
      (await db.client.appProcess.findMany({ where: { appId } })).map((each) => [
        each.name,
        [each.instances, each.cpuMillis, each.memoryMiB],
      ]),
    )
  const mail = { command: 'node mail.js', instances: 2 }
  const v1 = await build(1, { processes: { web: { size: 'small' }, mail } })
  expect(v1.processes).toEqual([WEB, { name: 'mail', kind: 'worker', command: ['sh', '-c', 'node mail.js'] }])
  expect(await scales()).toEqual({ web: [1, 250, 512], mail: [2, 100, 256] })
  await scaleApp(db, {
    ...{ appId, actor, now: new Date() },
    processes: [
      { name: 'web', instances: 3, memoryMiB: 1024 },
      { name: 'mail', instances: 0 },
    ],
  })
  await applyConfig(db, { appId, set: { A: '1' }, unset: [], actor })
  expect(await scales()).toEqual({ web: [3, 250, 1024], mail: [0, 100, 256] })
  await build(2, { processes: { web: { size: 'small' }, mail } })
  expect(await scales()).toEqual({ web: [3, 250, 512], mail: [0, 100, 256] })
  await rollback(db, { appId, number: 1, actor })
  expect(await scales()).toEqual({ web: [3, 250, 512], mail: [0, 100, 256] })
})

test('an app that is created from an image begins with the size it is given', async () => {
  const { db } = database
  const { actor, teamId, environmentId } = place
  const ref = { ...place.ref, app: 'large' }
  const source = { kind: 'image', image: 'nginx:1', size: 'large' } as const
  const appId = await createApp(db, { teamId, environmentId, ref, source, appsDomain: null, actor })
  expect(await db.client.appProcess.findMany({ where: { appId } })).toEqual([
    expect.objectContaining({ name: 'web', instances: 1, cpuMillis: 1000, memoryMiB: 2048 }),
  ])
})
