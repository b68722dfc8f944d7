import { type ChildProcess, spawn } from 'node:child_process'
import { open, readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '@slipway/domain/errors'
import pg from 'pg'
import type { ClusterFiles } from './cluster-files.ts'
import { removeStalePidFile, stopPostmaster } from './processes.ts'
import { PROGRAM_ENV, type RunAs } from './run-as.ts'

export interface PostgresStats {
  pid: number | null
  /** Unexpected ends so far. */
  crashes: number
}

export interface SuperviseOptions {
  program: string
  files: ClusterFiles
  runAs: RunAs
  settings: Readonly<Record<string, string>>
  probeUrl: string
  onCrash: ((reason: string) => void) | undefined
  onRestart: (() => void) | undefined
}

export interface Supervisor {
  stats(): PostgresStats
  stop(): Promise<void>
}

/** Crash recovery of a large database may take a while; the connection is refused as "starting up" until it ends. */
const READY_TIMEOUT_MS = 120_000
/** After a kill -9, the old server's children hold its shared memory for a moment and the new one refuses to start. */
const FIRST_START_TRIES = 20
const RETRY_DELAY_MS = 250
const MAX_RESTART_DELAY_MS = 5_000

/** Ends the postmaster when our end of its stdin closes, which happens however we end. */
const WATCHDOG = 'cat >/dev/null; kill -INT "$1" 2>/dev/null'

interface Running {
  pid: number
  exited: Promise<string>
  endWatchdog: () => void
}

/** In a session of its own: Ctrl-C in our terminal reaches us, and we stop it when nobody needs it any more. */
async function launch(options: SuperviseOptions): Promise<Running> {
  const { program, files, runAs, settings } = options
  await removeStalePidFile(files.data)
  const args = ['-D', files.data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])]
  const [command = program, ...rest] = [...runAs.prefix, program, ...args]
  const log = await open(files.log, 'a', 0o600)
  try {
    const child = spawn(command, rest, {
      uid: runAs.uid,
      gid: runAs.gid,
      cwd: '/',
      detached: true,
      env: PROGRAM_ENV,
      stdio: ['ignore', log.fd, log.fd],
    })
    const exited = exitOf(child)
    if (child.pid === undefined) throw new AppError('internal', `Postgres could not be started: ${await exited}`)
    const watchdog = spawn('/bin/sh', ['-c', WATCHDOG, 'sh', String(child.pid)], {
      detached: true,
      cwd: '/',
      stdio: ['pipe', 'ignore', 'ignore'],
    })
    watchdog.on('error', () => undefined) // Without it, the next start stops what we leave behind.
    watchdog.stdin.on('error', () => undefined)
    watchdog.unref()
    child.unref()
    return { pid: child.pid, exited, endWatchdog: () => watchdog.kill('SIGKILL') }
  } finally {
    await log.close()
  }
}

function exitOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.on('error', (error) => resolve(error.message))
    child.on('exit', (code, signal) => resolve(signal ? `was killed by ${signal}` : `ended with code ${code}`))
  })
}

async function answers(probeUrl: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: probeUrl, connectionTimeoutMillis: 5_000 })
  client.on('error', () => undefined) // The attempt below fails as well.
  try {
    await client.connect()
    return true
  } catch {
    return false // "Starting up", or no socket yet: asked again until the deadline.
  } finally {
    await client.end().catch(() => undefined)
  }
}

async function lastLogLines(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '')
  return text.trim().split('\n').slice(-3).join(' | ').slice(-1_000)
}

/** Starts once. Resolves when it answers, with null when it ended before. */
async function startOnce(options: SuperviseOptions): Promise<Running | null> {
  const running = await launch(options)
  let ended = false
  void running.exited.then(() => {
    ended = true
  })
  const deadline = Date.now() + READY_TIMEOUT_MS
  while (!ended && Date.now() < deadline) {
    if (await answers(options.probeUrl)) return running
    await sleep(25)
  }
  running.endWatchdog()
  if (!ended) await stopPostmaster(running.pid)
  return null
}

/** Starts Postgres and starts it again whenever it ends, until `stop`. Throws `unavailable` with its log's end when the first start fails. */
export async function supervise(options: SuperviseOptions): Promise<Supervisor> {
  let current: Running | null = null
  for (let tries = 0; !current && tries < FIRST_START_TRIES; tries++) {
    if (tries > 0) await sleep(RETRY_DELAY_MS)
    current = await startOnce(options)
  }
  if (!current) {
    throw new AppError(
      'unavailable',
      `Postgres does not start. Its log (${options.files.log}) ends with: ${await lastLogLines(options.files.log)}`,
    )
  }
  let crashes = 0
  const stopping = new AbortController()
  const loop = (async () => {
    while (current) {
      const reason = await current.exited
      current.endWatchdog()
      if (stopping.signal.aborted) return
      crashes++
      options.onCrash?.(`Postgres ${reason}; starting it again.`)
      current = await restart(options, stopping.signal)
      if (current) options.onRestart?.()
    }
  })()
  return {
    stats: () => ({ pid: current?.pid ?? null, crashes }),
    async stop() {
      stopping.abort()
      if (current) await stopPostmaster(current.pid)
      await loop
    },
  }
}

/** Tries until it runs or `signal` says stop, with growing pauses. */
async function restart(options: SuperviseOptions, signal: AbortSignal): Promise<Running | null> {
  for (let delayMs = 100; !signal.aborted; delayMs = Math.min(delayMs * 2, MAX_RESTART_DELAY_MS)) {
    try {
      const running = await startOnce(options)
      if (running && signal.aborted) {
        running.endWatchdog()
        await stopPostmaster(running.pid)
        return null
      }
      if (running) return running
    } catch (error) {
      options.onCrash?.(error instanceof Error ? error.message : String(error))
    }
    await sleep(delayMs, undefined, { signal }).catch(() => undefined)
  }
  return null
}
