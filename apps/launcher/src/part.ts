import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { openLogFile } from './log-file.ts'

/** One process that the launcher keeps running. */
export interface PartDefinition {
  name: string
  /** Arguments of Node. */
  args: string[]
  cwd: string
  env: Record<string, string>
  logFile: string
  /** Answers 2xx when the part can be used. */
  readyUrl: string
  /** Time between SIGTERM and SIGKILL at the end. */
  stopTimeoutMs: number
}

/** A supervised process: started again with back-off whenever it ends by itself. */
export interface Part {
  readonly name: string
  /** Process id now, undefined between two lives. */
  readonly pid: number | undefined
  /** Times it ended by itself. */
  readonly restarts: number
  /** Resolves when it answers; rejects with its last output when it ends or the time is over. */
  ready(timeoutMs: number): Promise<void>
  /** Its first message over the IPC channel; null when there is none within `timeoutMs`. */
  message(timeoutMs: number): Promise<unknown>
  stop(): Promise<void>
}

export interface PartEvents {
  /** Another life has begun. */
  onStart(): void
  /** It ended by itself and will be started again after `delayMs`. */
  onRestart(why: string, delayMs: number): void
}

const FIRST_BACKOFF_MS = 200
const LAST_BACKOFF_MS = 10_000
/** After a life longer than this it is started again at once, and the back-off begins anew. */
const STEADY_AFTER_MS = 30_000
const TAIL_BYTES = 8_000

/**
 * Starts a part. It runs in its own process group, so that the terminal's Ctrl-C reaches only the launcher, which stops
 * the parts in order; its IPC channel closes with the launcher, on which every part ends by itself.
 */
export function startPart(definition: PartDefinition, events: PartEvents): Part {
  const log = openLogFile(definition.logFile)
  const ended = Promise.withResolvers<void>()
  let child: ChildProcess | undefined
  let stopping = false
  let restarts = 0
  let backoffMs = FIRST_BACKOFF_MS
  let tail = ''
  let timer: NodeJS.Timeout | undefined
  const said = Promise.withResolvers<unknown>()

  const keep = (chunk: Buffer) => {
    tail = (tail + chunk.toString('utf8')).slice(-TAIL_BYTES)
    log.write(chunk)
  }
  const live = () => {
    const startedAt = Date.now()
    const started = spawn(process.execPath, definition.args, {
      cwd: definition.cwd,
      env: definition.env as NodeJS.ProcessEnv,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    child = started
    events.onStart()
    started.stdout?.on('data', keep)
    started.stderr?.on('data', keep)
    started.on('message', said.resolve)
    started.on('error', (error) => keep(Buffer.from(`${error.message}\n`)))
    started.on('exit', (code, signal) => {
      child = undefined
      if (stopping) {
        ended.resolve()
        return
      }
      restarts += 1
      if (Date.now() - startedAt > STEADY_AFTER_MS) backoffMs = 0
      events.onRestart(signal === null ? `ended with code ${code}` : `was ended by ${signal}`, backoffMs)
      timer = setTimeout(live, backoffMs)
      backoffMs = Math.min(Math.max(backoffMs * 2, FIRST_BACKOFF_MS), LAST_BACKOFF_MS)
    })
  }
  live()

  return {
    name: definition.name,
    get pid() {
      return child?.pid
    },
    get restarts() {
      return restarts
    },
    async ready(timeoutMs) {
      const deadline = Date.now() + timeoutMs
      while (!(await answers(definition.readyUrl))) {
        if (restarts >= 3 || Date.now() > deadline) {
          throw new Error(
            `${definition.name} did not start. Its last output (all of it is in ${definition.logFile}):\n${tail}`,
          )
        }
        await sleep(50)
      }
    },
    message: (timeoutMs) => Promise.race([said.promise, sleep(timeoutMs, null, { ref: false })]),
    async stop() {
      if (stopping) return ended.promise
      stopping = true
      clearTimeout(timer)
      if (child === undefined) ended.resolve()
      else await endChild(child, definition.stopTimeoutMs, ended.promise)
      log.close()
    },
  }
}

async function endChild(child: ChildProcess, timeoutMs: number, ended: Promise<void>): Promise<void> {
  child.kill('SIGTERM')
  const kill = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
  await ended
  clearTimeout(kill)
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000), redirect: 'manual' })
    await response.body?.cancel()
    return response.status < 400
  } catch {
    return false // Not listening yet: asked again until the deadline.
  }
}
