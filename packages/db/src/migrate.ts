import { createHash, randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { AppError } from '@slipway/domain'
import pg from 'pg'

const MIGRATIONS_DIR = path.resolve(import.meta.dirname, '../../../prisma/migrations')

/** The advisory lock that `prisma migrate` takes too, so that the two never run at once. */
const LOCK_ID = 72707369

/** Prisma's own table, so that `prisma migrate deploy` and this runner see the same history. */
const HISTORY_TABLE = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id VARCHAR(36) PRIMARY KEY NOT NULL, checksum VARCHAR(64) NOT NULL, finished_at TIMESTAMPTZ,
  migration_name VARCHAR(255) NOT NULL, logs TEXT, rolled_back_at TIMESTAMPTZ,
  started_at TIMESTAMPTZ NOT NULL DEFAULT now(), applied_steps_count INTEGER NOT NULL DEFAULT 0)`

interface Migration {
  name: string
  sql: string
  checksum: string
}

async function readMigrations(dir: string): Promise<Migration[]> {
  const names = (await readdir(dir, { withFileTypes: true })).filter((entry) => entry.isDirectory()).map((e) => e.name)
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(path.join(dir, name, 'migration.sql'), 'utf8')
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') }
    }),
  )
}

/** Names of the migrations that still have to be applied. Throws `conflict` where the history and the files differ. */
async function pendingOf(client: pg.Client, migrations: Migration[]): Promise<Migration[]> {
  const { rows } = await client.query<{ migration_name: string; checksum: string; finished_at: Date | null }>(
    'SELECT migration_name, checksum, finished_at FROM _prisma_migrations WHERE rolled_back_at IS NULL',
  )
  const known = new Map(migrations.map((migration) => [migration.name, migration]))
  for (const row of rows) {
    const migration = known.get(row.migration_name)
    if (!migration) {
      throw new AppError(
        'conflict',
        `The database has the migration ${row.migration_name}, which this version of Slipway does not know. Start the newer version that made it.`,
      )
    }
    if (!row.finished_at) {
      throw new AppError('conflict', `The migration ${row.migration_name} was begun and never ended. Restore a backup.`)
    }
    if (migration.checksum !== row.checksum) {
      throw new AppError(
        'conflict',
        `The migration ${row.migration_name} was changed after it was applied. Restore its file.`,
      )
    }
  }
  const applied = new Set(rows.map((row) => row.migration_name))
  return migrations.filter((migration) => !applied.has(migration.name))
}

/** Each migration and its line of history in one transaction: it is there whole or not at all. */
async function applyOne(client: pg.Client, migration: Migration): Promise<void> {
  try {
    await client.query('BEGIN')
    await client.query(migration.sql)
    await client.query(
      'INSERT INTO _prisma_migrations (id, checksum, finished_at, migration_name, applied_steps_count) VALUES ($1, $2, now(), $3, 1)',
      [randomUUID(), migration.checksum, migration.name],
    )
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK')
    const reason = error instanceof Error ? error.message : String(error)
    throw new AppError(
      'internal',
      `The migration ${migration.name} failed and was undone: ${reason}`,
      {},
      { cause: error },
    )
  }
}

/**
 * Applies the migrations of `prisma/migrations` that the database lacks, in order. Two that start at once wait for each
 * other. Answers the names that were applied. Throws `conflict` when history and files differ, and changes nothing then.
 */
export async function migrate(url: string, migrationsDir = MIGRATIONS_DIR): Promise<string[]> {
  const migrations = await readMigrations(migrationsDir)
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 10_000,
    application_name: 'slipway-migrate',
  })
  client.on('error', () => undefined) // A lost connection also rejects the query that runs on it.
  await client.connect()
  try {
    await client.query('SELECT pg_advisory_lock($1)', [LOCK_ID])
    await client.query(HISTORY_TABLE)
    const pending = await pendingOf(client, migrations)
    for (const migration of pending) await applyOne(client, migration)
    return pending.map((migration) => migration.name)
  } finally {
    await client.end()
  }
}
