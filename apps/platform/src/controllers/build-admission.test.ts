import { createTestDatabase, type TestDatabase } from '@slipway/db/testing'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { createAdmission } from './build-admission.ts'

let database: TestDatabase
beforeEach(async () => {
  await database?.stop()
  database = await createTestDatabase()
})
afterAll(() => database?.stop())

/** An app of a team, with builds that wait. */
async function queue(team: string, app: string, builds: number): Promise<void> {
  const { client } = database.db
  const { id: teamId } = await client.team.upsert({
    where: { slug: team },
    create: { slug: team, name: team },
    update: {},
  })
  const known = await client.environment.findUnique({ where: { namespace: team } })
  const environmentId = known?.id ?? (await newEnvironment(teamId, team))
  const place = { environmentId, slug: app, sourceKind: 'git', hostPrefix: `${app}.${team}` } as const
  const { id: appId } = await client.app.create({ data: place })
  for (let number = 1; number <= builds; number++) {
    const source = { commit: 'a'.repeat(40), branch: 'main', message: `${team}/${app}`, by: 'ada' }
    await client.build.create({ data: { appId, number, trigger: 'push', ...source } })
  }
}

async function newEnvironment(teamId: string, team: string): Promise<string> {
  const { client } = database.db
  const project = await client.project.create({ data: { teamId, slug: 'shop', name: 'Shop' } })
  const place = { projectId: project.id, slug: 'production', kind: 'production', namespace: team } as const
  return (await client.environment.create({ data: place })).id
}

const admissionOf = (buildConcurrency: number, enqueued: string[] = []) =>
  createAdmission({
    db: database.db,
    settings: { buildConcurrency },
    now: () => new Date(),
    enqueue: (_kind, id) => enqueued.push(id),
  })

const running = async () => {
  const rows = await database.db.client.build.findMany({ where: { status: 'running' }, orderBy: { startedAt: 'asc' } })
  return rows.map(({ message, number }) => `${message} ${number}`)
}

async function endOne(message: string): Promise<void> {
  const row = await database.db.client.build.findFirstOrThrow({ where: { status: 'running', message } })
  await database.db.client.build.update({ where: { id: row.id }, data: { status: 'succeeded' } })
}

test('a team that queued many builds first does not keep the others waiting', async () => {
  for (let n = 0; n < 6; n++) await queue('many', `app${n}`, 1)
  await queue('one', 'web', 1)
  await queue('two', 'web', 1)
  const enqueued: string[] = []
  const admission = admissionOf(3, enqueued)
  await admission.run()
  expect((await running()).sort()).toEqual(['many/app0 1', 'one/web 1', 'two/web 1'])
  expect(enqueued).toHaveLength(3)
  await endOne('one/web')
  await admission.run()
  expect((await running()).sort()).toEqual(['many/app0 1', 'many/app1 1', 'two/web 1'])
})

test('free slots go round the teams; alone, a team has them all', async () => {
  for (let n = 0; n < 4; n++) {
    await queue('a', `app${n}`, 1)
    await queue('b', `app${n}`, 1)
  }
  const admission = admissionOf(1)
  const order: string[] = []
  for (let n = 0; n < 4; n++) {
    await admission.run()
    const [now = ''] = await running()
    order.push(now.slice(0, 1))
    await endOne(now.replace(/ \d+$/, ''))
  }
  expect(order).toEqual(['a', 'b', 'a', 'b'])
  await admissionOf(10).run()
  expect(await running()).toHaveLength(4)
})

test('of one app the oldest alone, within the limit, also when many ask at once', async () => {
  await queue('a', 'web', 3)
  await queue('a', 'api', 2)
  await queue('b', 'web', 1)
  const admission = admissionOf(2)
  await Promise.all(Array.from({ length: 10 }, () => admission.run()))
  expect((await running()).sort()).toEqual(['a/web 1', 'b/web 1'])
  await admissionOf(10).run()
  expect((await running()).sort()).toEqual(['a/api 1', 'a/web 1', 'b/web 1'])
})

test('two long builds of one team do not block the others: one slot is kept for them', async () => {
  for (let n = 0; n < 3; n++) await queue('long', `app${n}`, 1)
  await queue('other', 'web', 0)
  const admission = admissionOf(2)
  await admission.run()
  expect(await running()).toEqual(['long/app0 1'])
  await queue('other', 'api', 1)
  await admission.run()
  expect((await running()).sort()).toEqual(['long/app0 1', 'other/api 1'])
})

test('a team that builds here alone has every slot; with one slot there is none to keep', async () => {
  for (let n = 0; n < 3; n++) await queue('alone', `app${n}`, 1)
  await admissionOf(2).run()
  expect(await running()).toHaveLength(2)
  await endOne('alone/app0')
  await endOne('alone/app1')
  await queue('other', 'web', 0)
  await admissionOf(1).run()
  expect(await running()).toEqual(['alone/app2 1'])
})
