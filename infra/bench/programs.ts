import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'

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

/** Resident memory of a process in MiB. */
export function residentMiB(pid: number): number {
  return processes().find((row) => row.pid === pid)?.rssMiB ?? Number.NaN
}

/**
 * Resident memory of a process and its descendants in MiB. On Linux pages that several of them hold count once (the kernel's
 * "proportional set size"); elsewhere they count for each, so that the sum is an upper bound.
 */
export function residentMiBOfTree(pid: number): number {
  const all = processes()
  const tree = new Set([pid])
  let before = 0
  while (before < tree.size) {
    before = tree.size
    for (const row of all) if (tree.has(row.parent)) tree.add(row.pid)
  }
  return all.filter((row) => tree.has(row.pid)).reduce((sum, row) => sum + (proportionalMiB(row.pid) ?? row.rssMiB), 0)
}

function proportionalMiB(pid: number): number | null {
  try {
    const [, kib] = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')) ?? []
    return kib === undefined ? null : Number(kib) / 1024
  } catch {
    return null // Not Linux, not ours, or gone since it was listed.
  }
}
