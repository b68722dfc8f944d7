import { afterAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from './index.ts'

const made: TestDatabase[] = []
afterAll(async () => {
  for (const each of made) await each.stop()
})

test('each test database is migrated, empty and its own', async () => {
  const first = await createTestDatabase()
  const second = await createTestDatabase()
  made.push(first, second)
  await first.db.client.team.create({ data: { slug: 'acme', name: 'Acme' } })
  expect(await first.db.client.team.count()).toBe(1)
  expect(await second.db.client.team.count()).toBe(0)
})
