import { spawn } from 'node:child_process'
import path from 'node:path'
import { ROOT } from './env.ts'

/** A build of the console's pages, which prints its own progress. */
export interface ConsoleBuild {
  /** Rejects when it failed; what it printed says why. */
  done: Promise<void>
  /** Ends it, with the processes it started. */
  stop(): void
}

/** Builds the pages where their sources have changed: on a fresh clone it takes longest, and the parts start meanwhile. */
export function buildConsole(): ConsoleBuild {
  const child = spawn(process.execPath, [path.join(ROOT, 'scripts/console.mjs')], {
    cwd: ROOT,
    detached: true, // A process group of its own, which `stop` ends as a whole.
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const done = new Promise<void>((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code, signal) => {
      if (code === 0) resolve()
      else reject(new Error(`the console could not be built (${signal ?? `code ${code}`}); its output is above.`))
    })
  })
  return {
    done,
    stop() {
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
      process.kill(-child.pid, 'SIGTERM')
    },
  }
}
