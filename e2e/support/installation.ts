import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../apps/launcher/src/ports.ts'

export const ROOT = path.resolve(import.meta.dirname, '../..')

/** A whole Slipway, started as `npm start` does, in a state directory of its own. */
export interface Installation {
  url: string
  port: number
  stateDir: string
  /** All that the launcher has printed. */
  output(): string
  /** Process id of a part: "Platform", "Local cluster", "Console", "Postgres". */
  pidOf(part: string): number
  /** Ends one part with SIGKILL and waits until another process of it has begun. */
  killPart(part: string): Promise<void>
  /** As Ctrl-C. Resolves with the exit code. */
  stop(): Promise<number | null>
  /** Stops it and removes its state. */
  remove(): Promise<void>
}

export interface InstallationOptions {
  stateDir?: string
  port?: number
  env?: Record<string, string>
}

const START_TIMEOUT_MS = 180_000

/**
 * Starts Slipway and waits until it has printed its address.
 * @throws Error with its output when it ends before.
 */
export async function startInstallation(options: InstallationOptions = {}): Promise<Installation> {
  const port = options.port ?? (await freePort())
  const stateDir = options.stateDir ?? mkdtempSync(path.join(tmpdir(), 'slipway-e2e-'))
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', 'apps/launcher/src/main.ts'], {
    cwd: ROOT,
    env: { ...cleanEnv(), SLIPWAY_PORT: String(port), SLIPWAY_STATE_DIR: stateDir, ...TEST_ENV, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString('utf8')).slice(-100_000)
  }
  child.stdout?.on('data', keep)
  child.stderr?.on('data', keep)
  const url = `http://localhost:${port}`
  const deadline = Date.now() + START_TIMEOUT_MS
  while (!output.includes(url)) {
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(`Slipway did not start:\n${output}`)
    await sleep(50)
  }
  const pidOf = (part: string) => {
    const pids: Record<string, number> = JSON.parse(readFileSync(path.join(stateDir, 'parts.json'), 'utf8'))
    const pid = pids[part]
    if (pid === undefined) throw new Error(`${part} is not among ${Object.keys(pids).join(', ')}`)
    return pid
  }
  const stop = () => end(child)
  return {
    url,
    port,
    stateDir,
    output: () => output,
    pidOf,
    async killPart(part) {
      const before = pidOf(part)
      process.kill(before, 'SIGKILL')
      await until(`another ${part}`, () => pidOf(part) !== before, 60_000)
    },
    stop,
    async remove() {
      await stop()
      rmSync(stateDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
    },
  }
}

/** Git hosts of the tests are on this machine. */
const TEST_ENV = { SLIPWAY_ALLOW_PRIVATE_FETCH: 'loopback' }

/** The environment of a person who has set nothing. */
function cleanEnv(): NodeJS.ProcessEnv {
  const kept = Object.fromEntries(
    Object.entries(process.env).filter(
      (entry): entry is [string, string] =>
        entry[1] !== undefined && !/^(SLIPWAY_|DATABASE_URL$|KUBECONFIG$|NODE_OPTIONS$)/.test(entry[0]),
    ),
  )
  return { NODE_ENV: 'production', ...kept }
}

async function end(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
  child.kill('SIGINT')
  const kill = setTimeout(() => child.kill('SIGKILL'), 90_000)
  const code = await exited
  clearTimeout(kill)
  return code
}

/** Polls until `check` is true (or returns something), or fails with what was waited for. */
export async function until<T>(
  what: string,
  check: () => T | null | undefined | false | Promise<T | null | undefined | false>,
  timeoutMs = 60_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs
  let lastError: unknown
  for (;;) {
    try {
      const result = await check()
      if (result) return result
      lastError = undefined
    } catch (error) {
      lastError = error
    }
    if (Date.now() > deadline) {
      throw new Error(`gave up waiting for ${what}`, { cause: lastError })
    }
    await sleep(100)
  }
}
