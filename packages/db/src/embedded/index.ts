import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import pg from 'pg'
import { copyBinaries, findBinaries } from './binaries.ts'
import { filesOf, prepareFiles, rotateLog, SUPERUSER } from './cluster-files.ts'
import { claim } from './owner.ts'
import { removeStalePidFile, runningPostmaster, stopPostmaster } from './processes.ts'
import { chooseRunAs } from './run-as.ts'
import { type PostgresStats, supervise } from './supervisor.ts'

export interface EmbeddedPostgresOptions {
  /** Directory for everything of it: data, password, log, socket. Made when it is missing. */
  dir: string
  /** Database to make and to name in `url`, `slipway` when not given. */
  database?: string
  /** postgresql.conf settings on top of ours. */
  settings?: Readonly<Record<string, string>>
  /** Told of every unexpected end; it is started again by itself. */
  onCrash?: (reason: string) => void
  /** Told when it answers again after an unexpected end; `stats` has the new process id then. */
  onRestart?: () => void
}

export interface EmbeddedPostgres {
  /** For `openDatabase`: over a unix socket, with a password; nothing listens on the network. */
  url: string
  /** The server's log. */
  logFile: string
  stats(): PostgresStats
  /** Fast shutdown: sessions end, everything is flushed. */
  stop(): Promise<void>
}

const LOG_CHECK_INTERVAL_MS = 10 * 60_000

const SETTINGS = {
  listen_addresses: '',
  max_connections: '100',
  shared_buffers: '64MB',
  // Processes that a database of this size does without: three that read for others, and one for subscriptions.
  io_method: 'sync',
  max_logical_replication_workers: '0',
  log_checkpoints: 'off',
  log_timezone: 'UTC',
  timezone: 'UTC',
}

async function makeDatabase(urlOf: (database: string) => string, name: string): Promise<void> {
  const client = new pg.Client({ connectionString: urlOf('postgres') })
  await client.connect()
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name])
    if (!rowCount) await client.query(`CREATE DATABASE ${pg.escapeIdentifier(name)}`)
  } finally {
    await client.end()
  }
}

/**
 * Starts the packaged Postgres on `dir` and keeps it running until `stop`. A server that a killed process left behind is stopped
 * first; when this process is killed, the server stops by itself. Throws `conflict` when another process has the directory,
 * `not_configured` when this machine cannot run it.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const dir = path.resolve(options.dir)
  // Postgres may run as another user, who passes through.
  await mkdir(dir, { recursive: true, mode: 0o711 })
  const files = filesOf(dir)
  const release = await claim(files.owner)
  try {
    const found = await findBinaries()
    const { runAs, copyBinaries: copies } = await chooseRunAs(dir, found.home)
    const binaries = copies ? await copyBinaries(found, dir) : found
    const password = await prepareFiles(files, binaries, runAs)
    const orphan = await runningPostmaster(files.data)
    if (orphan !== null) await stopPostmaster(orphan)
    await removeStalePidFile(files.data)
    await rotateLog(files.log)
    const urlOf = (database: string) =>
      `postgresql://${SUPERUSER}:${password}@localhost/${database}?host=${encodeURIComponent(files.sockets)}`
    const supervisor = await supervise({
      program: path.join(binaries.home, 'bin/postgres'),
      files,
      runAs,
      settings: { ...SETTINGS, unix_socket_directories: files.sockets, ...options.settings },
      probeUrl: urlOf('postgres'),
      onCrash: options.onCrash,
      onRestart: options.onRestart,
    })
    const database = options.database ?? 'slipway'
    try {
      await makeDatabase(urlOf, database)
    } catch (error) {
      await supervisor.stop()
      throw error
    }
    const logTimer = setInterval(() => void rotateLog(files.log).catch(reportLogError), LOG_CHECK_INTERVAL_MS)
    logTimer.unref()
    return {
      url: urlOf(database),
      logFile: files.log,
      stats: supervisor.stats,
      async stop() {
        clearInterval(logTimer)
        await supervisor.stop()
        await release()
      },
    }
  } catch (error) {
    await release()
    throw error
  }
}

function reportLogError(error: Error): void {
  console.error(`slipway: the log of the embedded Postgres could not be rotated: ${error.message}`)
}
