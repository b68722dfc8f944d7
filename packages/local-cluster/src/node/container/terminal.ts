import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { accessSync, constants, readFileSync, readlinkSync } from 'node:fs'
import { promisify } from 'node:util'
import type { Run } from '../pod/state.ts'

/** From util-linux, which every Linux has: runs a command in a terminal of its own and passes on what is written. */
const SCRIPT = '/usr/bin/script'
const RESIZE_TRIES = 40
const RESIZE_RETRY_MS = 50

export interface Terminal {
  child: ChildProcess
  resize(size: { columns: number; rows: number }): void
}

/** Starts a command beside a container in a terminal; null where the machine has none for us, so that it gets pipes. */
export function openTerminal(run: Run, command: readonly string[]): Terminal | null {
  if (process.platform !== 'linux' || !isThere(SCRIPT)) return null
  // SHELL is for the program that makes the terminal.
  const line = ['unset SHELL; exec', ...[...run.beside, ...command].map(quoted)].join(' ')
  const child = spawn(SCRIPT, ['--quiet', '--flush', '--return', '--command', line, '/dev/null'], {
    cwd: run.beside.length > 0 ? run.dir : run.meta.workingDir,
    env: { TERM: 'xterm', ...run.meta.env, SHELL: '/bin/sh' } as Partial<NodeJS.ProcessEnv> as NodeJS.ProcessEnv,
    detached: true,
    stdio: 'pipe',
  })
  let wanted = 0
  return {
    child,
    resize(size) {
      wanted += 1
      const mine = wanted
      void applySize(child, size, () => mine === wanted).catch(() => undefined) // The command has ended.
    },
  }
}

/** The terminal is there a moment after the program was started. */
async function applySize(
  child: ChildProcess,
  { columns, rows }: { columns: number; rows: number },
  isWanted: () => boolean,
): Promise<void> {
  for (let tries = 0; tries < RESIZE_TRIES && isWanted() && child.exitCode === null; tries += 1) {
    const device = terminalOf(child.pid)
    if (device !== null) {
      await promisify(execFile)('stty', ['-F', device, 'cols', String(columns), 'rows', String(rows)])
      return
    }
    await new Promise((resolve) => setTimeout(resolve, RESIZE_RETRY_MS))
  }
}

/** Terminal of the program's child; null before there is one. */
function terminalOf(pid: number | undefined): string | null {
  try {
    const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')
    const device = child ? readlinkSync(`/proc/${child}/fd/0`) : ''
    return device.startsWith('/dev/pts/') ? device : null
  } catch {
    return null // Not yet, or not any more.
  }
}

function isThere(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** For a shell: the text and nothing else. */
const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`
