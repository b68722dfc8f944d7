import { readFileSync } from 'node:fs'
import { hasCode } from '../../types/system-error.ts'
import type { LogStream } from '../logs/writer.ts'
import { ContainerProcess, type ProcessExit, readExit, UNKNOWN_EXIT_CODE } from './container-process.ts'
import { hasReader } from './fifo.ts'
import { processFiles } from './paths.ts'
import { listProcesses, readStat, sendSignal } from './proc.ts'

export type Adopted =
  | { state: 'running'; process: ContainerProcess }
  | { state: 'exited'; exit: ProcessExit }
  /** Its shim never came so far as to record itself. */
  | { state: 'not started' }

/** The shim's process id and start time, or null when it never recorded them. */
function readPid(dir: string): { pid: number; startTime: string } | null {
  try {
    const [pid, stat] = readFileSync(processFiles(dir).pid, 'latin1').split('\n')
    if (pid === undefined || !/^\d+$/.test(pid)) return null
    return { pid: Number(pid), startTime: stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '' }
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null
    throw error
  }
}

/**
 * Takes over what an earlier process of the cluster started in `dir`. A shim that is alive holds its FIFOs open, so an
 * unrelated process that got its number can never be taken for it.
 */
export async function adoptProcess(
  dir: string,
  output: (stream: LogStream, chunk: Buffer) => void,
  kind: typeof ContainerProcess = ContainerProcess,
): Promise<Adopted> {
  const recorded = readPid(dir)
  if (recorded === null) return { state: 'not started' }
  if (hasReader(processFiles(dir).control) && isSame(recorded)) {
    return { state: 'running', process: new kind(dir, recorded.pid, output) }
  }
  const exit = readExit(dir)
  if (exit !== null) return { state: 'exited', exit }
  await killSession(recorded)
  return { state: 'exited', exit: { exitCode: UNKNOWN_EXIT_CODE, finishedAtMs: Date.now(), seen: false } }
}

function isSame(recorded: { pid: number; startTime: string }): boolean {
  if (recorded.startTime === '') return true
  return readStat(recorded.pid)?.startTime === recorded.startTime
}

/** Ends what a shim that was killed left behind. Only sessions whose leader is gone: the number may have been given again. */
async function killSession({ pid }: { pid: number }): Promise<void> {
  const processes = await listProcesses()
  if (processes.some((process) => process.pid === pid)) return
  for (const process of processes) if (process.session === pid) sendSignal(process.pid, 'SIGKILL')
}
