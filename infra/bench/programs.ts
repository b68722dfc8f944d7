import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'

/** Runs a program to its end, output dropped. Rejects with its last output when it fails. */
export async function run(
  command: string,
  args: string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): Promise<string> {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString('utf8')).slice(-8_000)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}\n${output}`)
  return output
}

/** Ends a process that this benchmark started and waits until it is gone; by force when it takes longer than 10 s. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  const force = setTimeout(() => child.kill('SIGKILL'), 10_000)
  await gone
  clearTimeout(force)
}

interface ProcessRow {
  pid: number
  parent: number
  rssMiB: number
}

function processes(): ProcessRow[] {
  const text = execFileSync('ps', ['-axo', 'pid=,ppid=,rss='], { encoding: 'utf8' })
  return text
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .map(([pid = 0, parent = 0, rss = 0]) => ({ pid, parent, rssMiB: rss / 1024 }))
}

/**
 * Resident memory of a process in MiB, with that of its descendants when asked. Pages that they share (Postgres' buffers) count
 * for each of them, so the sum is an upper bound.
 */
export function residentMiB(pid: number, { descendants = false } = {}): number {
  const all = processes()
  const counted = new Set([pid])
  if (descendants) {
    // `ps` lists parents before children as a rule, not by promise.
    for (let grown = true; grown; ) {
      grown = false
      for (const row of all) {
        if (!counted.has(row.pid) && counted.has(row.parent)) grown = Boolean(counted.add(row.pid))
      }
    }
  }
  return all.filter((row) => counted.has(row.pid)).reduce((sum, row) => sum + row.rssMiB, 0)
}
