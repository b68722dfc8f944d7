import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type Channel, type Listener, notify } from './notify.ts'
import { createTestDatabase, type TestDatabase } from './testing/index.ts'

let database: TestDatabase
let listener: Listener
const heard: [Channel, string][] = []
let resyncs = 0

beforeAll(async () => {
  database = await createTestDatabase()
  listener = database.db.listen({
    channels: ['slipway_app', 'slipway_build'],
    onMessage: (channel, id) => heard.push([channel, id]),
    onResync: () => resyncs++,
  })
  await vi.waitUntil(() => listener.stats().connected, 20_000)
})
afterAll(async () => {
  await listener.stop()
  await database.stop()
})

test('a notification is heard when its transaction commits, and never when it rolls back', async () => {
  const { db } = database
  await expect(
    db.transaction(async (tx) => {
      await notify(tx, 'slipway_app', 'rolled back')
      throw new Error('no')
    }),
  ).rejects.toThrow('no')
  await db.transaction(async (tx) => {
    await notify(tx, 'slipway_environment', 'another channel')
    await notify(tx, 'slipway_app', 'committed')
  })
  await vi.waitUntil(() => heard.length > 0, 20_000)
  expect(heard).toEqual([['slipway_app', 'committed']])
})

test('a connection that is cut is replaced, and asks for a resync', async () => {
  const before = resyncs
  await database.db.client.$queryRaw`
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE application_name = 'slipway-listen' AND datname = current_database()`
  await vi.waitUntil(() => resyncs > before && listener.stats().connected, 20_000)
  expect(listener.stats()).toMatchObject({ failures: 1, connects: 2 })
  heard.length = 0
  await database.db.transaction((tx) => notify(tx, 'slipway_build', 'after the cut'))
  await vi.waitUntil(() => heard.length > 0, 20_000)
  expect(heard).toEqual([['slipway_build', 'after the cut']])
})
