// Writes the next migration: what leads from prisma/migrations to prisma/schema.prisma.
//   node packages/db/scripts/migration.mjs <name>     writes prisma/migrations/<timestamp>_<name>/migration.sql
//   node packages/db/scripts/migration.mjs --check    exits 1 when the migrations lag behind the schema
// `prisma migrate dev` needs a downloaded engine and a database. This uses the same engine as WebAssembly and an in-memory
// Postgres as shadow database, so it works anywhere. What it writes is what `prisma migrate deploy` reads.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils'
import { PrismaPGlite } from 'pglite-prisma-adapter'

const prismaDir = path.resolve(import.meta.dirname, '../../../prisma')
const migrationsDir = path.join(prismaDir, 'migrations')
const lockfile = path.join(migrationsDir, 'migration_lock.toml')
const schemaFile = path.join(prismaDir, 'schema.prisma')

/** Loads the engine: Node does not import .wasm files by itself. */
async function loadEngine() {
  const require = createRequire(import.meta.url)
  const dir = path.dirname(require.resolve('@prisma/schema-engine-wasm'))
  const bindings = await import('@prisma/schema-engine-wasm/schema_engine_bg')
  const module = await WebAssembly.compile(readFileSync(path.join(dir, 'schema_engine_bg.wasm')))
  const instance = await WebAssembly.instantiate(module, { './schema_engine_bg.js': bindings })
  bindings.__wbg_set_wasm(instance.exports)
  instance.exports.__wbindgen_start()
  return bindings.SchemaEngine
}

function migrationList() {
  const names = readdirSync(migrationsDir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
  return {
    baseDir: migrationsDir,
    lockfile: { path: 'migration_lock.toml', content: readFileSync(lockfile, 'utf8') },
    shadowDbInitScript: '',
    migrationDirectories: names.map((name) => ({
      path: name,
      migrationFile: {
        path: 'migration.sql',
        content: { tag: 'ok', value: readFileSync(path.join(migrationsDir, name, 'migration.sql'), 'utf8') },
      },
    })),
  }
}

/** SQL that is missing in the migrations; empty when there is none. */
async function missingSql() {
  const SchemaEngine = await loadEngine()
  const schema = { files: [{ path: schemaFile, content: readFileSync(schemaFile, 'utf8') }] }
  const shadow = new PGlite()
  try {
    const engine = await SchemaEngine.new(
      { datamodels: schema.files.map((file) => [file.path, file.content]) },
      () => undefined,
      bindMigrationAwareSqlAdapterFactory(new PrismaPGlite(shadow)),
    )
    const result = await engine.diff({
      from: { tag: 'migrations', ...migrationList() },
      to: { tag: 'schemaDatamodel', ...schema },
      script: true,
      exitCode: null,
      filters: { externalTables: [], externalEnums: [] },
    })
    const sql = (result.stdout ?? '').trim()
    return sql === '-- This is an empty migration.' ? '' : sql
  } finally {
    await shadow.close()
  }
}

const [argument] = process.argv.slice(2)
if (!argument || !/^(--check|[a-z][a-z0-9_]*)$/.test(argument)) {
  console.error('usage: migration.mjs <name in lower case and underscores> | --check')
  process.exit(2)
}
const sql = await missingSql()
if (argument === '--check') {
  if (sql) console.error(`The migrations lag behind prisma/schema.prisma:\n${sql}`)
  process.exit(sql ? 1 : 0)
}
if (!sql) {
  console.log('The migrations already lead to the schema: nothing written.')
  process.exit(0)
}
const timestamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14)
const dir = path.join(migrationsDir, `${timestamp}_${argument}`)
mkdirSync(dir, { recursive: true })
writeFileSync(path.join(dir, 'migration.sql'), `${sql}\n`)
console.log(`Wrote ${path.relative(process.cwd(), path.join(dir, 'migration.sql'))}. Read it before it is committed.`)
process.exit(0)
