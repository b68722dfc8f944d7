import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { migrate } from './migrate.ts'
import { createTestDatabase, type TestDatabase } from './testing/index.ts'

let database: TestDatabase
let dir: string
beforeAll(async () => {
  database = await createTestDatabase()
  dir = await mkdtemp(path.join(tmpdir(), 'slipway-migrations-'))
})
afterAll(async () => {
  await database.stop()
  await rm(dir, { recursive: true, force: true })
})
beforeEach(() => query('DROP SCHEMA public CASCADE; CREATE SCHEMA public'))

async function query(sql: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  try {
    return await client.query(sql)
  } finally {
    await client.end()
  }
}

/** A migrations directory of its own with these files. */
async function migrations(name: string, files: Record<string, string>): Promise<string> {
  const own = path.join(dir, name)
  for (const [migration, sql] of Object.entries(files)) {
    await mkdir(path.join(own, migration), { recursive: true })
    await writeFile(path.join(own, migration, 'migration.sql'), sql)
  }
  return own
}

test('the migrations of the repository apply to an empty database, once', async () => {
  const applied = await migrate(database.url)
  expect(applied.length).toBeGreaterThan(0)
  expect(await migrate(database.url)).toEqual([])
  const { rows } = await query('SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL ORDER BY 1')
  expect(rows.map((row) => row.migration_name)).toEqual(applied)
  expect((await query('SELECT count(*)::int AS n FROM teams')).rows[0].n).toBe(0)
})

test('two that start at once apply each migration once', async () => {
  const results = await Promise.all([migrate(database.url), migrate(database.url), migrate(database.url)])
  expect(results.filter((applied) => applied.length > 0)).toHaveLength(1)
})

test('a migration that fails leaves nothing behind and says why', async () => {
  const own = await migrations('failing', {
    '001_fine': 'CREATE TABLE fine (id int)',
    '002_broken': 'CREATE TABLE half (id int); CREATE TABLE half (id int)',
  })
  await expect(migrate(database.url, own)).rejects.toThrow('002_broken failed and was undone')
  const { rows } = await query("SELECT to_regclass('fine') AS fine, to_regclass('half') AS half")
  expect(rows[0]).toEqual({ fine: 'fine', half: null })
  await writeFile(path.join(own, '002_broken', 'migration.sql'), 'CREATE TABLE half (id int)')
  expect(await migrate(database.url, own)).toEqual(['002_broken'])
})

test('a changed file and an unknown migration are refused before anything is applied', async () => {
  const own = await migrations('history', { '001_one': 'CREATE TABLE one (id int)' })
  await migrate(database.url, own)
  const changed = path.join(dir, 'changed')
  await cp(own, changed, { recursive: true })
  await writeFile(path.join(changed, '001_one', 'migration.sql'), 'CREATE TABLE one (id bigint)')
  await expect(migrate(database.url, changed)).rejects.toMatchObject({ code: 'conflict' })
  const older = await migrations('older', { '000_other': 'CREATE TABLE other (id int)' })
  await expect(migrate(database.url, older)).rejects.toThrow('does not know')
  expect((await query("SELECT to_regclass('other') AS other")).rows[0].other).toBeNull()
})
