import { afterAll, beforeAll, expect, test } from 'vitest'
import { connectSource, findSource, moveAddressCredentials } from './sources.ts'
import { createAppAt, createPlace, type Place } from './testing/fixture.ts'
import { createTestDatabase, type TestDatabase } from './testing/index.ts'

let database: TestDatabase
let place: Place
beforeAll(async () => {
  database = await createTestDatabase()
  place = await createPlace(database.db, 'acme')
})
afterAll(() => database.stop())

const row = (appId: string) => database.db.client.gitSource.findUniqueOrThrow({ where: { appId } })
const connect = (appId: string, repositoryUrl: string, accessToken?: string) =>
  connectSource(database.db, { appId, host: 'gitlab', repositoryUrl, branch: 'main', accessToken, actor: place.actor })

test('a password in a repository’s address is stored encrypted, and not in the address', async () => {
  const appId = await createAppAt(database.db, place, 'pasted')
  const source = await connect(appId, 'https://ada:hush-hush@git.example/a/b.git')
  const credentials = { user: 'ada', token: 'hush-hush' }
  expect(source).toMatchObject({ repositoryUrl: 'https://git.example/a/b.git', credentials })
  expect(await findSource(database.db, appId)).toMatchObject({ credentials })
  expect(JSON.stringify(await row(appId))).not.toContain('hush')
  // Connecting the bare address again keeps them; a token that is given goes before those of an address.
  expect(await connect(appId, 'https://git.example/a/b.git')).toMatchObject({ credentials })
  const given = await connect(appId, 'https://ada:hush-hush@git.example/a/b.git', 'glpat')
  expect(given.credentials).toEqual({ user: null, token: 'glpat' })
})

test('addresses that older versions stored with a password are mended at the start', async () => {
  const { db } = database
  const old = async (app: string, repositoryUrl: string, accessToken?: string) => {
    const appId = await createAppAt(db, place, app)
    await connect(appId, 'https://git.example/a/b.git', accessToken)
    await db.client.gitSource.update({ where: { appId }, data: { repositoryUrl } })
    return appId
  }
  const pasted = await old('old', 'https://ada:hush-hush@git.example/a/b.git')
  const both = await old('both', 'https://ada:hush-hush@git.example/c.git', 'glpat')
  const harmless = await old('named', 'https://git@git.example/d.git')
  const path = await old('path', 'https://git.example/@scope/e.git')
  const counts = await Promise.all([moveAddressCredentials(db), moveAddressCredentials(db)])
  expect(counts.reduce((sum, count) => sum + count)).toBe(3)
  expect(await moveAddressCredentials(db)).toBe(0)
  const credentials = { user: 'ada', token: 'hush-hush' }
  expect(await findSource(db, pasted)).toMatchObject({ repositoryUrl: 'https://git.example/a/b.git', credentials })
  expect((await findSource(db, both))?.credentials).toEqual({ user: null, token: 'glpat' })
  expect(await findSource(db, harmless)).toMatchObject({
    repositoryUrl: 'https://git.example/d.git',
    credentials: null,
  })
  expect((await row(path)).repositoryUrl).toBe('https://git.example/@scope/e.git')
})
