import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { hasCode } from '../../types/system-error.ts'

/** A process of this machine. */
export interface HostProcess {
  pid: number
  parent: number
  /** Session on Linux, process group elsewhere. */
  session: number
  /** Clock ticks since boot, as text; empty where the system does not tell. */
  startTime: string
}

const run = promisify(execFile)

/**
 * The line of `/proc/<pid>/stat`, or null. The command's name may hold spaces and brackets: fields are counted from the
 * last bracket. Reference: proc(5).
 */
function parseStat(line: string): HostProcess | null {
  const open = line.indexOf('(')
  const close = line.lastIndexOf(')')
  if (open < 0 || close < 0) return null
  const fields = line.slice(close + 2).split(' ')
  const [state, parent, session, startTime] = [fields[0], fields[1], fields[3], fields[19]]
  if (state === undefined || session === undefined || startTime === undefined) return null
  // A zombie holds nothing and cannot be killed.
  if (state === 'Z' || state === 'X') return null
  const pid = Number(line.slice(0, open))
  return { pid, parent: Number(parent), session: Number(session), startTime }
}

function readProc(): HostProcess[] {
  const processes: HostProcess[] = []
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const process = readStat(Number(name))
    if (process !== null) processes.push(process)
  }
  return processes
}

/** What /proc says of a process; null when it is gone (or there is no /proc). */
export function readStat(pid: number): HostProcess | null {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch (error) {
    if (isGone(error)) return null
    throw error
  }
}

/** Whether a process still is what its parent is, as between fork and exec. False where the system does not tell. */
export function hasSameCommand(pid: number, parent: number): boolean {
  if (process.platform !== 'linux') return false
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1') === readFileSync(`/proc/${parent}/cmdline`, 'latin1')
  } catch (error) {
    if (isGone(error)) return false
    throw error
  }
}

const isGone = (error: unknown) => hasCode(error, 'ENOENT', 'ESRCH')

/**
 * Whether a process has said what it does at a signal, by number: it handles or ignores it. Null where the system does not
 * tell. Reference: SigCgt and SigIgn of proc(5).
 */
export function heeds(pid: number, signal: number): boolean | null {
  if (process.platform !== 'linux') return null
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1')
    const masks = [...status.matchAll(/^Sig(?:Cgt|Ign):\s*([0-9a-f]+)/gm)].map(([, mask]) => BigInt(`0x${mask}`))
    return masks.length === 0 ? null : masks.some((mask) => ((mask >> BigInt(signal - 1)) & 1n) === 1n)
  } catch (error) {
    if (isGone(error)) return null
    throw error
  }
}

/** Every process of the machine. */
export async function listProcesses(): Promise<HostProcess[]> {
  if (process.platform === 'linux') return readProc()
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=,pgid=,stat='])
  return stdout.split('\n').flatMap((line) => {
    const [pid, parent, group, state] = line.trim().split(/\s+/)
    if (pid === undefined || group === undefined || state === undefined || state.startsWith('Z')) return []
    return [{ pid: Number(pid), parent: Number(parent), session: Number(group), startTime: '' }]
  })
}

/**
 * Memory in bytes that these processes hold. `resident` is quick and counts shared pages once for each process,
 * `proportional` is slow and divides them; where the system does not tell, it is the resident memory too.
 */
export async function memoryBytes(pids: readonly number[], measure: 'resident' | 'proportional'): Promise<number> {
  if (pids.length === 0) return 0
  if (process.platform !== 'linux') {
    const { stdout } = await run('ps', ['-o', 'rss=', '-p', pids.join(',')])
    return stdout.split('\n').reduce((total, line) => total + (Number(line) || 0) * 1024, 0)
  }
  const [file, pattern] =
    measure === 'resident'
      ? (['status', /^VmRSS:\s+(\d+) kB/m] as const)
      : (['smaps_rollup', /^Pss:\s+(\d+) kB/m] as const)
  return pids.reduce((total, pid) => total + kibibytes(`/proc/${pid}/${file}`, pattern) * 1024, 0)
}

function kibibytes(path: string, pattern: RegExp): number {
  try {
    return Number(pattern.exec(readFileSync(path, 'latin1'))?.[1] ?? 0)
  } catch (error) {
    if (isGone(error)) return 0
    throw error
  }
}

/** CPU time in seconds that these processes, and those they have waited for, have used. */
export async function cpuSeconds(pids: readonly number[]): Promise<number> {
  if (pids.length === 0) return 0
  if (process.platform !== 'linux') {
    const { stdout } = await run('ps', ['-o', 'time=', '-p', pids.join(',')])
    return stdout.split('\n').reduce((total, line) => total + clockSeconds(line.trim()), 0)
  }
  return pids.reduce((total, pid) => total + ticksOf(pid) / TICKS_PER_SECOND, 0)
}

/** USER_HZ, which is 100 on every Linux of today. */
const TICKS_PER_SECOND = 100

/** `[[dd-]hh:]mm:ss[.cc]` of ps. */
function clockSeconds(text: string): number {
  return text
    .split(/[-:]/)
    .reverse()
    .reduce((total, part, index) => total + (Number(part) || 0) * ([1, 60, 3600, 86_400][index] ?? 0), 0)
}

function ticksOf(pid: number): number {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = line.slice(line.lastIndexOf(')') + 2).split(' ')
    return [11, 12, 13, 14].reduce((total, index) => total + (Number(fields[index]) || 0), 0)
  } catch (error) {
    if (isGone(error)) return 0
    throw error
  }
}

/** Sends a signal (0: only looks); false when the process (or, negative, the group) is gone. */
export function sendSignal(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, signal)
    return true
  } catch (error) {
    if (isGone(error)) return false
    throw error
  }
}
