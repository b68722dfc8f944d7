import { UNLIMITED } from '@slipway/domain'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { scaleApp } from './apps.ts'
import { listAudit } from './audit.ts'
import { deployImage, rollback } from './release-changes.ts'
import { finishInstanceRestarts, restartApp, restartInstance } from './restart.ts'
import { createAppAt, createPlace, type Place } from './testing/fixture.ts'
import { createTestDatabase, type TestDatabase } from './testing/index.ts'

let database: TestDatabase
let place: Place
beforeAll(async () => {
  database = await createTestDatabase()
  place = await createPlace(database.db, 'acme')
})
afterAll(() => database.stop())

const now = new Date('2026-11-29T18:00:00Z')
const PROCESSES = [
  { name: 'web', kind: 'web' as const, command: null },
  { name: 'worker', kind: 'worker' as const, command: ['work'] },
]

async function running(slug: string): Promise<string> {
  const appId = await createAppAt(database.db, place, slug)
  await deployImage(database.db, { appId, image: 'nginx:1', processes: PROCESSES, actor: place.actor })
  return appId
}

const restarts = (appId: string) =>
  database.db.client.appProcess.findMany({
    where: { appId },
    orderBy: { name: 'asc' },
    select: { name: true, restartedAt: true },
  })

test('18 restart: one process, or all; recorded and audited, without a release', async () => {
  const { db } = database
  const appId = await running('restarted')
  const before = await db.client.app.findUniqueOrThrow({ where: { id: appId } })
  await restartApp(db, { appId, process: 'worker', actor: place.actor, now })
  expect(await restarts(appId)).toEqual([
    { name: 'web', restartedAt: null },
    { name: 'worker', restartedAt: now },
  ])
  const after = await db.client.app.findUniqueOrThrow({ where: { id: appId } })
  expect(after).toMatchObject({ generation: before.generation + 1, releaseCount: before.releaseCount })
  const later = new Date(now.getTime() + 1000)
  await restartApp(db, { appId, actor: place.actor, now: later })
  expect((await restarts(appId)).map(({ restartedAt }) => restartedAt)).toEqual([later, later])
  const { rows } = await listAudit(db, place.teamId, { limit: 2 })
  expect(rows.map(({ action, summary }) => [action, summary])).toEqual([
    ['app.restart', 'Restarted web, worker.'],
    ['app.restart', 'Restarted worker.'],
  ])
})

test('18 restart: what is not there or does not run is refused in words', async () => {
  const { db } = database
  const { actor } = place
  const empty = await createAppAt(db, place, 'empty')
  await expect(restartApp(db, { appId: empty, actor, now })).rejects.toThrow(/Nothing is deployed/)
  const appId = await running('half')
  await expect(restartApp(db, { appId, process: 'cron', actor, now })).rejects.toThrow(/no process cron.* web, worker/)
  await scaleApp(db, { appId, processes: [{ name: 'worker', instances: 0 }], actor, now })
  await expect(restartApp(db, { appId, process: 'worker', actor, now })).rejects.toThrow(/scaled to 0/)
  await restartApp(db, { appId, actor, now })
  expect(await restarts(appId)).toMatchObject([{ restartedAt: now }, { restartedAt: null }])
})

test('18 restart: it needs room for one instance more, and says so with the numbers', async () => {
  const { db } = database
  const appId = await running('tight')
  const { environmentId } = await db.client.app.findUniqueOrThrow({ where: { id: appId } })
  const others = await db.client.app.count({ where: { environmentId } })
  expect(others).toBeGreaterThan(0)
  await db.client.environment.update({ where: { id: environmentId }, data: { limitInstances: 1 } })
  await expect(restartApp(db, { appId, process: 'web', actor: place.actor, now })).rejects.toThrow(/Restarting web/)
  await db.client.environment.update({ where: { id: environmentId }, data: { limitInstances: UNLIMITED.instances } })
  expect(await restarts(appId)).toMatchObject([{ restartedAt: null }, { restartedAt: null }])
})

test('18 restart: a restart outlives rollbacks and new releases', async () => {
  const { db } = database
  const appId = await running('kept')
  await restartApp(db, { appId, process: 'web', actor: place.actor, now })
  await deployImage(db, { appId, image: 'nginx:2', actor: place.actor })
  await rollback(db, { appId, number: 1, actor: place.actor })
  expect((await restarts(appId))[0]).toEqual({ name: 'web', restartedAt: now })
})

test('18 restart: an instance is asked for once however often, and is done with once it goes', async () => {
  const { db } = database
  const appId = await running('single')
  const ask = () => restartInstance(db, { appId, instance: 'single-web-1', actor: place.actor, now })
  await Promise.all([ask(), ask()])
  expect(await db.client.instanceRestart.findMany({ where: { appId } })).toEqual([
    { appId, instance: 'single-web-1', requestedAt: now },
  ])
  await finishInstanceRestarts(db, appId, ['single-web-1'])
  expect(await db.client.instanceRestart.count({ where: { appId } })).toBe(0)
})
