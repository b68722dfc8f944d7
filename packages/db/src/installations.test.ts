import { afterAll, beforeAll, expect, it } from 'vitest'
import { resolveInstallation } from './installations.ts'
import { createTestDatabase, type TestDatabase } from './testing/index.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database?.stop())

it('makes up an id once, however many ask at the same time', async () => {
  const all = await Promise.all(Array.from({ length: 5 }, () => resolveInstallation(database.db, null)))
  expect(new Set(all.map(({ id }) => id)).size).toBe(1)
  expect(all[0]?.id).toMatch(/^[a-z]{8}$/)
})

it('takes the wanted id, and remembers those before it', async () => {
  const { id: first } = await resolveInstallation(database.db, null)
  expect(await resolveInstallation(database.db, 'blue')).toEqual({ id: 'blue', known: [first, 'blue'] })
  expect(await resolveInstallation(database.db, 'blue')).toEqual({ id: 'blue', known: [first, 'blue'] })
  expect(await resolveInstallation(database.db, null)).toEqual({ id: first, known: [first, 'blue'] })
})
