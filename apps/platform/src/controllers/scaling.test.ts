import { createApp, createProject, createTeam, setScaleRules } from '@slipway/db'
import { createTestDatabase, type TestDatabase } from '@slipway/db/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { reconcileScaling } from './scaling.ts'

let database: TestDatabase
let environmentId = ''
let teamId = ''
const actor = { name: 'Ada', email: 'ada@acme.example' }
const timeZone = 'Europe/Berlin'
const RULES = [
  { cron: '0 8 * * *', timeZone, instances: 5 },
  { cron: '0 20 * * *', timeZone, instances: 1 },
]
const berlin = (time: string) => new Date(`2026-11-30T${time}+01:00`)

beforeAll(async () => {
  database = await createTestDatabase()
  const { db } = database
  const user = await db.client.user.create({ data: { ...actor, passwordHash: 'none' } })
  teamId = (await createTeam(db, { slug: 'acme', name: 'Acme', userId: user.id, operator: false, actor })).id
  const environment = { slug: 'production', kind: 'production', namespace: 'acme-shop-production' } as const
  const projectId = await createProject(db, { teamId, team: 'acme', slug: 'shop', name: 'Shop', environment, actor })
  environmentId = (await db.client.environment.findFirstOrThrow({ where: { projectId } })).id
})
afterAll(() => database.stop())

let apps = 0

/** An app of its own for each try, with one instance, and its schedule. */
async function scheduled() {
  const { db } = database
  const ref = { team: 'acme', project: 'shop', environment: 'production', app: `web-${++apps}` }
  const source = { kind: 'image', image: 'nginx:1' } as const
  const appId = await createApp(db, { teamId, environmentId, ref, source, appsDomain: null, actor })
  await setScaleRules(db, { appId, process: 'web', rules: RULES, actor, now: berlin('07:00') })
  const key = { appId_name: { appId, name: 'web' } }
  return {
    appId,
    reconcileAt: (now: Date) => reconcileScaling({ db, now: () => now }, appId),
    row: () => db.client.appProcess.findUniqueOrThrow({ where: key }),
  }
}

const limitInstances = (limit: number | null) =>
  database.db.client.environment.update({ where: { id: environmentId }, data: { limitInstances: limit } })

test('the clock is followed, and it wakes for the next rule', async () => {
  const { reconcileAt, row } = await scheduled()
  expect(await reconcileAt(berlin('07:55'))).toEqual({ requeueAfterMs: 5 * 60_000 })
  expect(await row()).toMatchObject({ instances: 1 })
  expect(await reconcileAt(berlin('08:00'))).toEqual({ requeueAfterMs: 15 * 60_000 })
  expect(await row()).toMatchObject({ instances: 5 })
})

test('what is over quota is said, and tried again every minute until it fits or another rule comes', async () => {
  const { reconcileAt, row } = await scheduled()
  await limitInstances(1)
  expect(await reconcileAt(berlin('08:00'))).toEqual({ requeueAfterMs: 60_000 })
  expect(await row()).toMatchObject({ instances: 1, scaleProblem: expect.stringContaining('1 → 5 instances') })
  await limitInstances(null)
  await reconcileAt(berlin('08:01'))
  expect(await row()).toMatchObject({ instances: 5, scaleProblem: null })
})

test('an app without a schedule is left alone', async () => {
  const { appId, reconcileAt, row } = await scheduled()
  await setScaleRules(database.db, { appId, process: 'web', rules: [], actor, now: berlin('12:00') })
  expect(await reconcileAt(berlin('20:00'))).toBeUndefined()
  expect(await row()).toMatchObject({ instances: 1 })
})
