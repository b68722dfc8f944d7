import { type ScaleRule, UNLIMITED } from '@slipway/domain'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { scaleApp } from './apps.ts'
import { listAudit } from './audit.ts'
import { listScheduledAppIds } from './reconcile-ids.ts'
import { deployImage } from './release-changes.ts'
import { applyScaleRule, dueRule, noteScaleProblem, readScheduled, setScaleRules } from './scale-rules.ts'
import { createAppAt, createPlace, type Place } from './testing/fixture.ts'
import { createTestDatabase, type TestDatabase } from './testing/index.ts'

let database: TestDatabase
let place: Place
beforeAll(async () => {
  database = await createTestDatabase()
  place = await createPlace(database.db, 'acme')
})
afterAll(() => database.stop())

const timeZone = 'Europe/Berlin'
const RULES: ScaleRule[] = [
  { cron: '0 8 * * *', timeZone, instances: 5 },
  { cron: '0 20 * * *', timeZone, instances: 1 },
]
const berlin = (time: string) => new Date(`2026-11-30T${time}+01:00`)

async function running(slug: string, rules = RULES, now = berlin('12:00')): Promise<string> {
  const appId = await createAppAt(database.db, place, slug, 'nginx:1')
  await setScaleRules(database.db, { appId, process: 'web', rules, actor: place.actor, now })
  return appId
}

const follow = (appId: string, now: Date) => applyScaleRule(database.db, { appId, process: 'web' }, now)
const byHand = (appId: string, instances: number, now: Date) =>
  scaleApp(database.db, { appId, processes: [{ name: 'web', instances }], actor: place.actor, now })
const instances = async (appId: string) =>
  (await database.db.client.appProcess.findUniqueOrThrow({ where: { appId_name: { appId, name: 'web' } } })).instances
const lastAudit = async () => (await listAudit(database.db, place.teamId, { limit: 1 })).rows[0]

test('a schedule is followed from the moment it is saved, once a rule, and says so in the audit log', async () => {
  const appId = await running('shop')
  expect(await listScheduledAppIds(database.db)).toContain(appId)
  expect(await lastAudit()).toMatchObject({
    action: 'scaling.setRules',
    summary: 'Scheduled web: 5 at “0 8 * * *” (Europe/Berlin); 1 at “0 20 * * *” (Europe/Berlin).',
  })
  await follow(appId, berlin('12:00'))
  expect(await instances(appId)).toBe(5)
  expect(await lastAudit()).toMatchObject({
    actor: 'schedule',
    summary: 'Scaled by schedule (0 8 * * *, Europe/Berlin) web: 1 → 5 instances.',
  })
  await follow(appId, berlin('20:00'))
  expect(await instances(appId)).toBe(1)
  const [process] = await readScheduled(database.db, appId)
  expect(process && dueRule(process, berlin('20:01'))).toBeNull()
})

test('what a person scales to stays until the next rule; what was missed is made up for', async () => {
  const appId = await running('manual')
  await follow(appId, berlin('12:00'))
  await byHand(appId, 3, berlin('13:00'))
  await follow(appId, berlin('19:59'))
  expect(await instances(appId)).toBe(3)
  // The platform was away at 20:00.
  await follow(appId, berlin('23:30'))
  expect(await instances(appId)).toBe(1)
  // Away at 8:00 and 20:00 of the next day; somebody scaled by hand after them.
  const nextNight = new Date(berlin('22:00').getTime() + 86_400_000)
  await byHand(appId, 4, nextNight)
  await follow(appId, new Date(nextNight.getTime() + 1000))
  expect(await instances(appId)).toBe(4)
})

test('a new size is no count: the rule that could not be followed is still due', async () => {
  const appId = await running('sized')
  const size = [{ name: 'web', instances: 1, cpuMillis: 50 }]
  await scaleApp(database.db, { appId, processes: size, actor: place.actor, now: berlin('12:01') })
  await follow(appId, berlin('12:02'))
  expect(await instances(appId)).toBe(5)
})

test('without rules the count is left to people', async () => {
  const appId = await running('unscheduled')
  await running('other')
  const set = (rules: ScaleRule[]) =>
    setScaleRules(database.db, { appId, process: 'web', rules, actor: place.actor, now: berlin('12:00') })
  await set([])
  expect(await lastAudit()).toMatchObject({ summary: 'Removed the schedule of web.' })
  await follow(appId, berlin('12:01'))
  expect(await instances(appId)).toBe(1)
  expect(await listScheduledAppIds(database.db)).not.toContain(appId)
  expect(await readScheduled(database.db, appId)).toEqual([])
})

test('the quota is asked when a schedule is saved and when it is followed; a refusal is kept, and audited once', async () => {
  const { db } = database
  const other = await createPlace(db, 'tight')
  const limit = (limitInstances: number | null) =>
    db.client.environment.update({ where: { id: other.environmentId }, data: { limitInstances } })
  const appId = await createAppAt(db, other, 'shop', 'nginx:1')
  const save = () =>
    setScaleRules(db, { appId, process: 'web', rules: RULES, actor: other.actor, now: berlin('07:00') })
  await limit(4)
  await expect(save()).rejects.toThrow(/Scheduling up to 5 instances of web/)
  await limit(5)
  await save()
  await limit(4)
  const [process] = await readScheduled(db, appId)
  const due = process && dueRule(process, berlin('08:00'))
  if (!process || !due) throw new Error('nothing is due')
  const problem = await follow(appId, berlin('08:00')).then(
    () => '',
    (error: Error) => error.message,
  )
  expect(problem).toMatch(/^Scaling web: 1 → 5 instances/)
  await noteScaleProblem(db, process, due, problem)
  await noteScaleProblem(db, process, due, problem)
  const { rows } = await listAudit(db, other.teamId, { limit: 10 })
  expect(rows.filter(({ action }) => action === 'scaling.refused')).toHaveLength(1)
  expect((await readScheduled(db, appId))[0]).toMatchObject({ problem })
  await limit(UNLIMITED.instances)
  await follow(appId, berlin('08:05'))
  expect([await instances(appId), (await readScheduled(db, appId))[0]?.problem]).toEqual([5, null])
})

test('what has no such process, or nothing deployed, is refused in words', async () => {
  const { db } = database
  const { actor } = place
  const set = (appId: string, process: string) =>
    setScaleRules(db, { appId, process, rules: RULES, actor, now: berlin('12:00') })
  await expect(set(await createAppAt(db, place, 'empty'), 'web')).rejects.toThrow(/Nothing is deployed/)
  const appId = await running('known')
  await expect(set(appId, 'worker')).rejects.toThrow(/no process worker. It has: web/)
  // A process that is no longer released keeps its schedule, and nothing happens by it.
  await deployImage(db, { appId, image: 'nginx:2', processes: [{ name: 'job', kind: 'worker', command: null }], actor })
  expect(await readScheduled(db, appId)).toEqual([])
})
