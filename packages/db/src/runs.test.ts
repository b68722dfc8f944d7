import { afterAll, beforeAll, expect, test } from 'vitest'
import { listAudit } from './audit.ts'
import { readTeamUsage } from './quota.ts'
import { setTeamQuota } from './quota-changes.ts'
import { endRun, getRun, readCommand, startRun, stopRun } from './runs.ts'
import { createAppAt, createPlace, type Place } from './testing/fixture.ts'
import { createTestDatabase, type TestDatabase } from './testing/index.ts'

let database: TestDatabase
let place: Place
let appId: string
beforeAll(async () => {
  database = await createTestDatabase()
  place = await createPlace(database.db, 'acme')
  appId = await createAppAt(database.db, place, 'web', 'nginx:1')
})
afterAll(() => database.stop())

const now = new Date('2026-11-29T18:00:00Z')
const start = (command: string[], size: { cpuMillis?: number; memoryMiB?: number } = {}) =>
  startRun(database.db, { appId, command, timeoutSeconds: 60, actor: place.actor, ...size })
const reserved = async () =>
  (await readTeamUsage(database.db.client, place.teamId)).environments[0]?.reserved ?? { instances: -1 }

test('a command reserves its size until it has ended, and is audited', async () => {
  const { db } = database
  const before = await reserved()
  const run = await start(['npm', 'run', 'migrate'], { memoryMiB: 512 })
  expect(run).toMatchObject({ releaseNumber: 1, cpuMillis: 100, memoryMiB: 512, endedAt: null })
  expect(readCommand(run)).toEqual(['npm', 'run', 'migrate'])
  expect(await reserved()).toEqual({ cpuMillis: 200, memoryMiB: 768, instances: 2 })
  await stopRun(db, { appId, id: run.id, actor: place.actor, now })
  await stopRun(db, { appId, id: run.id, actor: place.actor, now })
  expect(await reserved()).toEqual({ cpuMillis: 200, memoryMiB: 768, instances: 2 })
  await endRun(db, run.id, { exitCode: null, failure: 'It was stopped.', now })
  await endRun(db, run.id, { exitCode: 0, failure: null, now })
  expect(await reserved()).toEqual(before)
  expect(await getRun(db, appId, run.id)).toMatchObject({ exitCode: null, failure: 'It was stopped.', endedAt: now })
  const { rows } = await listAudit(db, place.teamId, { limit: 2 })
  expect(rows.map(({ action, summary }) => [action, summary])).toEqual([
    ['run.stop', 'Stopped a command.'],
    ['run.start', 'Ran “npm run migrate” with v1.'],
  ])
})

test('one that does not fit the quota is refused with the numbers; of two that race for the last of it, one gets it', async () => {
  const limits = { cpuMillis: 450, memoryMiB: null, instances: null }
  await setTeamQuota(database.db, { teamId: place.teamId, team: 'acme', limits, actor: place.actor, byOperator: false })
  // Of 450m the app holds 100m, and 100m for the surge of its first release.
  await expect(start(['x'], { cpuMillis: 300 })).rejects.toMatchObject({
    code: 'quota_exceeded',
    message: expect.stringMatching(/^Running a command needs 300m CPU, 250m CPU left/),
  })
  const both = await Promise.allSettled([start(['a'], { cpuMillis: 200 }), start(['b'], { cpuMillis: 200 })])
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
})

test('nothing runs where nothing is deployed, and another app’s command is not found', async () => {
  const { db } = database
  const empty = await createAppAt(db, place, 'empty')
  await expect(
    startRun(db, { appId: empty, command: ['x'], timeoutSeconds: 60, actor: place.actor }),
  ).rejects.toMatchObject({ code: 'conflict' })
  const run = await db.client.run.findFirstOrThrow({ where: { appId } })
  await expect(getRun(db, empty, run.id)).rejects.toMatchObject({ code: 'not_found' })
  await expect(stopRun(db, { appId: empty, id: run.id, actor: place.actor, now })).rejects.toMatchObject({
    code: 'not_found',
  })
})
