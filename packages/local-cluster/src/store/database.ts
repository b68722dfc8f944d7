import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** The state directory cannot be used; the message says why and what to do. */
class StateDirectoryError extends Error {
  override readonly name = 'StateDirectoryError'
}

export interface ObjectRow {
  resource: string
  namespace: string
  name: string
  body: string
}

/**
 * The objects on disk: one SQLite file in write-ahead mode, held exclusively for as long as it is open (the operating system
 * lets go of it when the process dies, however it dies).
 *
 * Writes collect in a transaction. What was committed survives the death of the process at any point. Against a power cut the log is
 * flushed by {@link ObjectDatabase.flush}, which the store calls within a second of the last write: at most that second is lost, and
 * never consistency.
 */
export interface ObjectDatabase {
  revision(): number
  rows(): Iterable<ObjectRow>
  put(row: ObjectRow): void
  remove(row: Omit<ObjectRow, 'body'>): void
  commit(revision: number): void
  /** Forgets what was written since the last commit. */
  rollback(): void
  flush(): void
  /** Gives room that is not needed any more back to the file system, a part at a time. True where it did. */
  shrink(): boolean
  close(): void
}

const layout = `
  CREATE TABLE IF NOT EXISTS objects (
    resource TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (resource, namespace, name)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
  INSERT OR IGNORE INTO meta (key, value) VALUES ('revision', 1);
  INSERT OR IGNORE INTO meta (key, value) VALUES ('layout', 1);
`
const layoutVersion = 1
/** Pages (of 4 KiB) that the log may grow to between two rounds of upkeep. */
const mostLogPages = 8192
/** Free pages (of 4 KiB) that the file keeps for what comes next, and how many are given back at a time: about 10 ms of work. */
const keptFreePages = 1024
const pagesGivenBack = 2048

/** Opens (and makes) the database in `directory`, readable by its owner only, as it holds Secrets. */
export function openDatabase(directory: string): ObjectDatabase {
  makeDirectory(directory)
  const file = join(directory, 'objects.sqlite')
  const db = openExclusively(directory, file)
  chmodSync(file, 0o600)
  writeFileSync(join(directory, 'cluster.pid'), `${process.pid}\n`, { mode: 0o600 })

  const selectMeta = db.prepare('SELECT value FROM meta WHERE key = ?')
  const upsert = db.prepare('INSERT OR REPLACE INTO objects (resource, namespace, name, body) VALUES (?, ?, ?, ?)')
  const drop = db.prepare('DELETE FROM objects WHERE resource = ? AND namespace = ? AND name = ?')
  const setRevision = db.prepare("UPDATE meta SET value = ? WHERE key = 'revision'")
  const selectAll = db.prepare('SELECT resource, namespace, name, body FROM objects')

  const begin = db.prepare('BEGIN IMMEDIATE')
  const end = db.prepare('COMMIT')
  const countFree = db.prepare('PRAGMA freelist_count')
  const ensureBegun = () => {
    if (!db.isTransaction) begin.run()
  }

  const found = selectMeta.get('layout')?.value
  if (found !== layoutVersion) {
    db.close()
    throw new StateDirectoryError(
      `${file} was written by another version of Slipway (layout ${String(found)}, this one reads ${layoutVersion}). Start that version again, or choose another state directory.`,
    )
  }
  return {
    revision: () => Number(selectMeta.get('revision')?.value ?? 1),
    *rows() {
      for (const row of selectAll.iterate()) {
        yield {
          resource: String(row.resource),
          namespace: String(row.namespace),
          name: String(row.name),
          body: String(row.body),
        }
      }
    },
    put(row) {
      ensureBegun()
      upsert.run(row.resource, row.namespace, row.name, row.body)
    },
    remove(row) {
      ensureBegun()
      drop.run(row.resource, row.namespace, row.name)
    },
    commit(revision) {
      ensureBegun()
      setRevision.run(revision)
      end.run()
    },
    rollback() {
      if (db.isTransaction) db.exec('ROLLBACK')
    },
    flush: () => db.exec('PRAGMA wal_checkpoint(PASSIVE)'),
    shrink() {
      const excess = Number(countFree.get()?.freelist_count ?? 0) - keptFreePages
      if (excess > 0) db.exec(`PRAGMA incremental_vacuum(${Math.min(excess, pagesGivenBack)})`)
      return excess > 0
    },
    close: () => db.close(),
  }
}

function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw new StateDirectoryError(
      `Cannot create the state directory ${directory}: ${messageOf(error)}. Choose a directory you may write to.`,
    )
  }
}

function openExclusively(directory: string, file: string): DatabaseSync {
  let db: DatabaseSync | null = null
  try {
    db = new DatabaseSync(file, { timeout: 0 })
    // Whether a file can shrink is settled when it is made.
    db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA auto_vacuum = INCREMENTAL;')
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;')
    // Flushing takes as long as thousands of writes: it is left to the upkeep unless that is far behind.
    db.exec(`PRAGMA wal_autocheckpoint = ${mostLogPages}; PRAGMA journal_size_limit = ${mostLogPages * 4096};`)
    db.exec(`BEGIN EXCLUSIVE; ${layout} COMMIT;`)
    if (db.prepare('PRAGMA auto_vacuum').get()?.auto_vacuum === 0) db.exec('PRAGMA auto_vacuum = INCREMENTAL; VACUUM;')
    return db
  } catch (error) {
    db?.close()
    const why = messageOf(error)
    if (/locked|busy/i.test(why)) {
      throw new StateDirectoryError(
        `The state directory ${directory} is in use by another local cluster${holder(directory)}. Stop that one first, or choose another directory.`,
      )
    }
    throw new StateDirectoryError(
      `Cannot open ${file}: ${why}. Check that the directory is writable and the disk is not full; if the file is damaged, move it away to start empty.`,
    )
  }
}

function holder(directory: string): string {
  const file = join(directory, 'cluster.pid')
  const pid = existsSync(file) ? readFileSync(file, 'utf8').trim() : ''
  return /^\d+$/.test(pid) ? ` (process ${pid})` : ''
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
