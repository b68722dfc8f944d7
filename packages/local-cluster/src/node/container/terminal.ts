import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { readFileSync, readlinkSync } from 'node:fs'
import { promisify } from 'node:util'
import { isExecutable, quoted } from '../../types/programs.ts'
import type { Run } from '../pod/state.ts'
import { environmentBeside } from './handlers.ts'

/** From util-linux, which every Linux has: runs a command in a terminal of its own and passes on what is written. */
const SCRIPT = '/usr/bin/script'
const RESIZE_TRIES = 600
const RESIZE_RETRY_MS = 50

export interface Terminal {
  child: ChildProcess
  resize(size: { columns: number; rows: number }): void
}

const hasTerminals = () => process.platform === 'linux' && isExecutable(SCRIPT)

/** A command and its environment, so that it runs in a terminal of its own; unchanged where the machine has none for us. */
export function inTerminal<C extends { program: string; args: readonly string[] }>(
  command: C,
  env: Record<string, string>,
): C {
  if (!hasTerminals()) return command
  // SHELL is for the program that makes the terminal; the command gets back what it would have had.
  const shell = env.SHELL === undefined ? 'unset SHELL' : `SHELL=${quoted(env.SHELL)}`
  const line = `${shell}; exec ${[command.program, ...command.args].map(quoted).join(' ')}`
  env.SHELL = '/bin/sh'
  env.TERM ??= 'xterm'
  return { ...command, program: SCRIPT, args: ['--quiet', '--flush', '--return', '--command', line, '/dev/null'] }
}

/** Starts a command beside a container in a terminal; null where the machine has none for us, so that it gets pipes. */
export function openTerminal(run: Run, command: readonly string[]): Terminal | null {
  if (!hasTerminals()) return null
  const env = { ...environmentBeside(run) } as Record<string, string>
  const beside = run.meta.inRuntime === true ? run.besideInTerminal : run.beside
  const [program = '', ...args] = [...beside, ...command]
  const wrapped = inTerminal({ program, args }, env)
  const child = spawn(wrapped.program, wrapped.args, {
    cwd: run.beside.length > 0 ? run.dir : run.meta.workingDir,
    env: env as Partial<NodeJS.ProcessEnv> as NodeJS.ProcessEnv,
    detached: true,
    stdio: 'pipe',
  })
  return { child, resize: resizer(child.pid ?? 0) }
}

/** Sets the size of the terminal that a process, or one that it has started, has. The last size that is wanted counts. */
export function resizer(pid: number): Terminal['resize'] {
  let wanted = 0
  return (size) => {
    wanted += 1
    const mine = wanted
    void applySize(pid, size, () => mine === wanted).catch(() => undefined) // The command has ended.
  }
}

/** The terminal is there a moment after the program was started. */
async function applySize(
  pid: number,
  { columns, rows }: { columns: number; rows: number },
  isWanted: () => boolean,
): Promise<void> {
  for (let tries = 0; tries < RESIZE_TRIES && isWanted(); tries += 1) {
    const device = terminalBelow(pid)
    if (device !== null) {
      await promisify(execFile)('stty', ['-F', device, 'cols', String(columns), 'rows', String(rows)])
      return
    }
    await new Promise((resolve) => setTimeout(resolve, RESIZE_RETRY_MS))
  }
}

/** The terminal of the first process below this one that has one; null before there is one. */
function terminalBelow(pid: number): string | null {
  const waiting = [pid]
  for (const each of waiting) {
    try {
      waiting.push(
        ...readFileSync(`/proc/${each}/task/${each}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
      )
      const device = each === pid ? '' : readlinkSync(`/proc/${each}/fd/0`)
      if (device.startsWith('/dev/pts/')) return device
    } catch {
      // Not any more: another may have it.
    }
  }
  return null
}
