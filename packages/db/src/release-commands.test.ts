import { afterAll, beforeAll, expect, test } from 'vitest'
import { readTeamUsage } from './quota.ts'
import { setTeamQuota } from './quota-changes.ts'
import { applyConfig, cancelRelease, deployImage, rollback } from './release-changes.ts'
import { findReleaseCommand, isReleaseCommandBehind } from './release-commands.ts'
import { getRelease, observeRelease } from './releases.ts'
import { markRunStarted } from './run-rows.ts'
import { endRun } from './runs.ts'
import { createAppAt, createPlace, type Place } from './testing/fixture.ts'
import { createTestDatabase, type TestDatabase } from './testing/index.ts'
import { readWantedApps } from './wanted-apps.ts'

let database: TestDatabase
let place: Place
let appId: string
beforeAll(async () => {
  database = await createTestDatabase()
  place = await createPlace(database.db, 'acme')
  appId = await createAppAt(database.db, place, 'shop')
})
afterAll(() => database.stop())

const now = new Date('2026-11-30T06:00:00Z')
const processes = [
  { name: 'web', kind: 'web' as const, command: null },
  { name: 'release', kind: 'release' as const, command: ['sh', '-c', 'migrate'] },
]
const deploy = () => deployImage(database.db, { appId, image: 'shop:1', processes, actor: place.actor })
const commandOf = async (release: number) => {
  const run = await findReleaseCommand(database.db, appId, release)
  if (run === null) throw new Error(`v${release} has no command`)
  return run
}
const endCommand = async (release: number, exitCode: number | null, failure: string | null = null) => {
  const { id } = await commandOf(release)
  await markRunStarted(database.db, id, now)
  await endRun(database.db, id, { exitCode, failure, now })
}
const live = (number: number) => observeRelease(database.db, { appId, number, status: 'live', message: null, now })
const wanted = async () => {
  const [app] = await readWantedApps(database.db, [appId])
  return app && { current: app.current?.number ?? null, deployed: app.deployed?.number ?? null }
}

test('a release is deployed once its command has succeeded, and holds its size until then', async () => {
  const { db } = database
  expect((await deploy()).number).toBe(1)
  expect(await commandOf(1)).toMatchObject({ kind: 'release', command: ['sh', '-c', 'migrate'], startedAt: null })
  expect(await wanted()).toEqual({ current: 1, deployed: null })
  const usage = async () => (await readTeamUsage(db.client, place.teamId)).environments[0]
  expect(await usage()).toMatchObject({ reserved: { instances: 2 }, surge: { instances: 1 } })
  await endCommand(1, 0)
  expect(await wanted()).toEqual({ current: 1, deployed: 1 })
  expect(await usage()).toMatchObject({ reserved: { instances: 1 } })
  await live(1)
})

test('one that fails keeps what was deployed, and says so; the next release is made of it', async () => {
  const { db } = database
  await applyConfig(db, { appId, set: { A: '1' }, unset: [], actor: place.actor })
  expect(await wanted()).toEqual({ current: 2, deployed: 1 })
  await endCommand(2, 1)
  expect(await getRelease(db, appId, 2)).toMatchObject({
    status: 'failed',
    message: 'It was not deployed: its release command exited with code 1.',
  })
  expect(await wanted()).toEqual({ current: 2, deployed: 1 })
  await applyConfig(db, { appId, set: { B: '2' }, unset: [], actor: place.actor })
  expect(await wanted()).toEqual({ current: 3, deployed: 1 })
  await endCommand(3, null, 'It ran out of its 256 MiB.')
  expect((await getRelease(db, appId, 3)).message).toBe(
    'It was not deployed: its release command failed: it ran out of its 256 MiB.',
  )
  // Going back to what runs already makes no second release of it.
  await cancelRelease(db, { appId, number: 3, actor: place.actor, now })
  expect(await wanted()).toEqual({ current: 1, deployed: 1 })
})

test('two never run at once; cancelling stops a command, also that of a release that was replaced', async () => {
  const { db } = database
  await applyConfig(db, { appId, set: { C: '3' }, unset: [], actor: place.actor })
  await applyConfig(db, { appId, set: { D: '4' }, unset: [], actor: place.actor })
  expect((await getRelease(db, appId, 4)).status).toBe('superseded')
  expect([
    await isReleaseCommandBehind(db, await commandOf(4)),
    await isReleaseCommandBehind(db, await commandOf(5)),
  ]).toEqual([false, true])
  await cancelRelease(db, { appId, number: 4, actor: place.actor, now })
  expect((await commandOf(4)).stopRequestedAt).toEqual(now)
  expect((await getRelease(db, appId, 4)).status).toBe('superseded')
  await endRun(db, (await commandOf(4)).id, { exitCode: null, failure: 'It was stopped.', now })
  expect(await isReleaseCommandBehind(db, await commandOf(5))).toBe(false)
  await cancelRelease(db, { appId, number: 5, actor: place.actor, now })
  await endRun(db, (await commandOf(5)).id, { exitCode: null, failure: 'It was stopped.', now })
  expect((await getRelease(db, appId, 5)).status).toBe('cancelled')
  expect(await wanted()).toEqual({ current: 1, deployed: 1 })
})

test('a rollback has a command of its own, and is refused where that does not fit', async () => {
  const { db } = database
  await applyConfig(db, { appId, set: { E: '5' }, unset: [], actor: place.actor })
  await endCommand(6, 0)
  await live(6)
  const limits = { cpuMillis: null, memoryMiB: null, instances: 2 }
  await setTeamQuota(db, { teamId: place.teamId, team: 'acme', limits, actor: place.actor, byOperator: false })
  // One instance runs, one more is the surge of the rollout, and one the command.
  await expect(rollback(db, { appId, number: 1, actor: place.actor })).rejects.toMatchObject({ code: 'quota_exceeded' })
  await setTeamQuota(db, {
    ...{ teamId: place.teamId, team: 'acme', actor: place.actor, byOperator: false },
    limits: { ...limits, instances: 3 },
  })
  expect((await rollback(db, { appId, number: 1, actor: place.actor })).number).toBe(7)
  expect(await commandOf(7)).toMatchObject({ releaseNumber: 7, endedAt: null })
})
