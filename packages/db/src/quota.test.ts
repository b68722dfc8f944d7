import { isAppError, type ResourceLimits, standingsOf, takenOf, UNLIMITED } from '@slipway/domain'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { scaleApp } from './apps.ts'
import type { Database } from './database.ts'
import { deleteApp } from './deletion.ts'
import { readTeamUsage } from './quota.ts'
import { allocate, setTeamQuota } from './quota-changes.ts'
import { deployImage } from './release-changes.ts'
import { observeRelease } from './releases.ts'
import { createAppAt, createPlace, type Place } from './testing/fixture.ts'
import { createTestDatabase, type TestDatabase } from './testing/index.ts'

let database: TestDatabase
let db: Database
beforeAll(async () => {
  database = await createTestDatabase()
  db = database.db
})
afterAll(() => database.stop())

const setQuota = (place: Place, limits: Partial<ResourceLimits>) =>
  setTeamQuota(db, {
    teamId: place.teamId,
    team: place.ref.team,
    limits: { ...UNLIMITED, ...limits },
    actor: place.actor,
    byOperator: false,
  })

const allot = (place: Place, limits: Partial<ResourceLimits>) =>
  allocate(db, {
    teamId: place.teamId,
    environmentId: place.environmentId,
    subject: 'production',
    limits: { ...UNLIMITED, ...limits },
    actor: place.actor,
  })

const scale = (place: Place, appId: string, instances: number) =>
  scaleApp(db, { appId, processes: [{ name: 'web', instances }], actor: place.actor, now: new Date() })

const live = (appId: string, number: number) =>
  observeRelease(db, { appId, number, status: 'live', message: null, now: new Date() })

const takenInstances = async (place: Place) =>
  takenOf(standingsOf(await readTeamUsage(db.client, place.teamId)).team).instances

test('a scale beyond the quota is refused with the numbers, and nothing changes', async () => {
  const place = await createPlace(db, 'numbers')
  const appId = await createAppAt(db, place, 'web', 'nginx:1')
  await live(appId, 1)
  await setQuota(place, { cpuMillis: 400 })
  const refused = await scale(place, appId, 5).catch((error: unknown) => error)
  expect(isAppError(refused) && refused.message).toBe(
    "Scaling web: 1 → 5 instances needs 400m CPU, 300m CPU left of 400m CPU in the team's quota. Scale something down, or ask an admin of the team for more.",
  )
  expect(refused).toMatchObject({ code: 'quota_exceeded', details: { needed: 400, left: 300, limit: 400 } })
  expect(await db.client.appProcess.findFirst({ where: { appId } })).toMatchObject({ instances: 1 })
  expect(await db.client.auditEvent.count({ where: { teamId: place.teamId, action: 'app.scale' } })).toBe(0)
  await scale(place, appId, 4)
})

test('a deploy needs room for its surge; scaling down gives it', async () => {
  const place = await createPlace(db, 'surge')
  const appId = await createAppAt(db, place, 'web', 'nginx:1')
  await live(appId, 1)
  await setQuota(place, { instances: 3 })
  await scale(place, appId, 3)
  const deploy = () => deployImage(db, { appId, image: 'nginx:2', actor: place.actor })
  await expect(deploy()).rejects.toMatchObject({ code: 'quota_exceeded', details: { needed: 1, left: 0, limit: 3 } })
  await expect(deploy()).rejects.toThrow('A rolling update briefly runs one extra instance')
  await scale(place, appId, 2)
  const usage = () => takenInstances(place)
  expect(await usage()).toBe(2)
  await deploy()
  expect(await usage()).toBe(3)
  await live(appId, 2)
  expect(await usage()).toBe(2)
})

test('of two changes that take the last of the quota at once, one is refused', async () => {
  const place = await createPlace(db, 'race')
  const first = await createAppAt(db, place, 'one', 'nginx:1')
  const second = await createAppAt(db, place, 'two', 'nginx:1')
  await live(first, 1)
  await live(second, 1)
  await setQuota(place, { instances: 5 })
  for (let round = 0; round < 5; round++) {
    const results = await Promise.allSettled([scale(place, first, 4), scale(place, second, 4)])
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await takenInstances(place)).toBe(5)
    await scale(place, first, 1)
    await scale(place, second, 1)
  }
})

test('an allocation binds its environment and is taken from the team at once', async () => {
  const place = await createPlace(db, 'allotted')
  await setQuota(place, { memoryMiB: 1024 })
  await expect(allot(place, { memoryMiB: 2048 })).rejects.toMatchObject({ code: 'quota_exceeded' })
  await allot(place, { memoryMiB: 512 })
  const appId = await createAppAt(db, place, 'web', 'nginx:1')
  await live(appId, 1)
  await expect(scale(place, appId, 3)).rejects.toMatchObject({ details: { level: 'environment', limit: 512 } })
  await expect(setQuota(place, { memoryMiB: 256 })).rejects.toMatchObject({ code: 'conflict' })
  await expect(allot(place, { memoryMiB: 128 })).rejects.toMatchObject({ code: 'conflict' })
  const environment = await db.client.environment.findUniqueOrThrow({ where: { id: place.environmentId } })
  // Both changes reach the environment's ResourceQuota: the team's limit and the allocation.
  expect(environment).toMatchObject({ limitMemoryMiB: 512, generation: 3 })
})

test('an app that does not fit is not made at all; a deleted one gives its share back', async () => {
  const place = await createPlace(db, 'whole')
  await setQuota(place, { instances: 1 })
  const appId = await createAppAt(db, place, 'fits', 'nginx:1')
  await expect(createAppAt(db, place, 'too-much', 'nginx:1')).rejects.toMatchObject({ code: 'quota_exceeded' })
  expect(await db.client.app.count({ where: { environmentId: place.environmentId } })).toBe(1)
  await deleteApp(db, { appId, actor: place.actor, now: new Date() })
  await createAppAt(db, place, 'too-much', 'nginx:1')
})
