import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { BuildLog } from './log.ts'

export interface RunOptions {
  cwd: string
  env: Readonly<Record<string, string>>
  signal: AbortSignal
  log: BuildLog
}

const KILL_AFTER_MS = 5_000

/**
 * Runs a program, its output going to the log line by line. Resolves to its exit code (128 + n after signal n); when the
 * signal fires, ends its whole process group and rejects with the signal's reason.
 */
export function run(command: string, args: readonly string[], options: RunOptions): Promise<number> {
  options.signal.throwIfAborted()
  return new Promise((resolve, reject) => {
    // A group of its own, so that what the program started ends with it.
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env as NodeJS.ProcessEnv,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on('line', (line) =>
        options.log.line(line),
      )
    }
    let kill: NodeJS.Timeout | undefined
    const end = () => {
      killGroup(child.pid, 'SIGTERM')
      kill = setTimeout(() => killGroup(child.pid, 'SIGKILL'), KILL_AFTER_MS)
    }
    options.signal.addEventListener('abort', end, { once: true })
    child.on('error', (error) => {
      options.signal.removeEventListener('abort', end)
      reject(error)
    })
    child.on('close', (code, signal) => {
      clearTimeout(kill)
      options.signal.removeEventListener('abort', end)
      // Nothing that a build started may outlive it.
      killGroup(child.pid, 'SIGKILL')
      if (options.signal.aborted) reject(options.signal.reason)
      else resolve(code ?? 128 + signalNumber(signal))
    })
  })
}

function killGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

const signalNumber = (signal: NodeJS.Signals | null) => (signal === 'SIGKILL' ? 9 : signal === 'SIGTERM' ? 15 : 1)
