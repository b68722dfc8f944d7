import { afterAll, beforeAll, expect, test } from 'vitest'
import { completeBuild } from './builds.ts'
import { configureProcess } from './process-options.ts'
import { cancelRelease, deployImage, rollback } from './release-changes.ts'
import { observeRelease } from './releases.ts'
import { createAppAt, createPlace, type Place, WEB } from './testing/fixture.ts'
import { createTestDatabase, type TestDatabase } from './testing/index.ts'

let database: TestDatabase
let place: Place
beforeAll(async () => {
  database = await createTestDatabase()
  place = await createPlace(database.db, 'acme')
})
afterAll(() => database.stop())

const healthCheck = { path: '/healthz' }

const current = async (id: string) =>
  (await database.db.client.app.findUniqueOrThrow({ where: { id }, include: { currentRelease: true } })).currentRelease

test('a health check is a release; rolling back and cancelling take it back, for the releases that follow as well', async () => {
  const { db } = database
  const { actor } = place
  const appId = await createAppAt(db, place, 'checked')
  const configure = (options: object) => configureProcess(db, { appId, process: 'web', options, actor })
  await expect(configure({ healthCheck })).rejects.toThrow('Nothing is deployed')
  await deployImage(db, { appId, image: 'nginx:1', actor })
  await observeRelease(db, { appId, number: 1, status: 'live', message: null, now: new Date() })
  const v2 = await configure({ healthCheck, stopTimeoutSeconds: 60 })
  expect(v2).toMatchObject({
    number: 2,
    kind: 'config',
    processes: [{ ...WEB, healthCheck, stopTimeoutSeconds: 60 }],
    description: expect.stringContaining('Change web: health check GET /healthz every 5 s'),
  })
  expect(await configure({ stopTimeoutSeconds: 60 })).toBeNull()
  expect((await deployImage(db, { appId, image: 'nginx:2', actor })).processes).toEqual(v2?.processes)
  expect((await rollback(db, { appId, number: 1, actor })).processes).toEqual([WEB])
  expect((await deployImage(db, { appId, image: 'nginx:3', actor })).processes).toEqual([WEB])
  await configure({ drainSeconds: 0 })
  await cancelRelease(db, { appId, number: 6, actor, now: new Date() })
  expect((await deployImage(db, { appId, image: 'nginx:4', actor })).processes).toEqual([WEB])
  await expect(configure({ drainSeconds: 30 })).rejects.toThrow('less than the 30 s')
  await expect(configureProcess(db, { appId, process: 'mail', options: {}, actor })).rejects.toThrow('It has: web')
})

test('what slipway.yaml sets wins, and cannot be set elsewhere', async () => {
  const { db } = database
  const { actor } = place
  const appId = await createAppAt(db, place, 'filed')
  const buildId = await db.client.build
    .create({
      data: {
        ...{ appId, number: 1, trigger: 'push', status: 'running', commit: 'a'.repeat(40), branch: 'main' },
        ...{ message: 'first', by: 'Ann', slipwayFile: { processes: { web: { healthCheck } } } },
      },
    })
    .then(({ id }) => id)
  await completeBuild(db, { buildId, image: 'r@sha256:1', processes: [WEB], now: new Date() })
  expect((await current(appId))?.processes).toEqual([{ ...WEB, healthCheck }])
  const configure = (options: object) => configureProcess(db, { appId, process: 'web', options, actor })
  await expect(configure({ healthCheck: { path: '/' } })).rejects.toThrow('slipway.yaml sets healthCheck of web')
  expect((await configure({ drainSeconds: 10 }))?.processes).toEqual([{ ...WEB, healthCheck, drainSeconds: 10 }])
  expect((await rollback(db, { appId, number: 1, actor })).processes).toEqual([{ ...WEB, healthCheck }])
  const [row] = await db.client.appProcess.findMany({ where: { appId } })
  expect(row?.options).toEqual({})
})
