import { MAX_SAVED_FILTERS } from '@slipway/domain'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { deleteFilter, listSavedFilters, saveFilter } from './saved-filters.ts'
import { createPlace, type Place } from './testing/fixture.ts'
import { createTestDatabase, type TestDatabase } from './testing/index.ts'

let database: TestDatabase
let ada: Place
let grace: Place
beforeAll(async () => {
  database = await createTestDatabase()
  ada = await createPlace(database.db, 'ada')
  grace = await createPlace(database.db, 'grace')
})
afterAll(() => database?.stop())

test('20 Home: saved filters are the account’s own; a name that is taken is replaced', async () => {
  const { db } = database
  await saveFilter(db, ada.userId, { name: 'Mine', query: 'q=web' })
  await saveFilter(db, ada.userId, { name: 'Broken', query: 'show=attention' })
  await saveFilter(db, ada.userId, { name: 'Mine', query: 'q=api' })
  expect(await listSavedFilters(db, ada.userId)).toEqual([
    { name: 'Broken', query: 'show=attention' },
    { name: 'Mine', query: 'q=api' },
  ])
  expect(await listSavedFilters(db, grace.userId)).toEqual([])
  await deleteFilter(db, grace.userId, 'Mine')
  await deleteFilter(db, ada.userId, 'Broken')
  expect(await listSavedFilters(db, ada.userId)).toEqual([{ name: 'Mine', query: 'q=api' }])
})

test('an account has so many at most, however they come', async () => {
  const { db } = database
  const saves = Array.from({ length: MAX_SAVED_FILTERS + 5 }, (_, n) =>
    saveFilter(db, grace.userId, { name: `Filter ${n}`, query: 'q=x' }),
  )
  const refused = (await Promise.allSettled(saves)).filter(({ status }) => status === 'rejected')
  expect(refused).toHaveLength(5)
  expect(await listSavedFilters(db, grace.userId)).toHaveLength(MAX_SAVED_FILTERS)
  const [{ name } = { name: '' }] = await listSavedFilters(db, grace.userId)
  await saveFilter(db, grace.userId, { name, query: 'q=other' })
  await deleteFilter(db, grace.userId, name)
  await saveFilter(db, grace.userId, { name: 'Another', query: 'q=x' })
})
