import { randomBytes } from 'node:crypto'
import { closeSync, mkdirSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Container } from '../../types/container.ts'
import type { Pod } from '../../types/pod.ts'
import { hasCode } from '../../types/system-error.ts'
import type { NodeContext } from '../context.ts'
import { readLog } from '../logs/reader.ts'
import { type LogStream, LogWriter, rotatedNumbers, rotatedPath } from '../logs/writer.ts'
import {
  attemptDir,
  type ContainerMeta,
  type ContainerRecord,
  logFile,
  newAttempt,
  type PodRecord,
  type Run,
  type RunExit,
} from '../pod/state.ts'
import type { ProcessExit } from '../process/container-process.ts'
import { processFiles } from '../process/paths.ts'
import { removeAttempt } from '../sandbox/sandbox.ts'

/** Attempts of a container whose end and log can still be looked at: the present and the previous one. */
const KEPT_RUNS = 2
const MAX_TERMINATION_MESSAGE_BYTES = 4096
/** FallbackToLogsOnError takes this much of the log's end. */
const FALLBACK = { tailLines: 80, limitBytes: 2048 }

/** Makes the next attempt at a container on disk and in memory; older ones than the previous are removed. */
export function newRun(
  context: NodeContext,
  record: PodRecord,
  known: ContainerRecord,
  meta: Omit<ContainerMeta, 'id' | 'createdAtMs' | 'attempt'> & { attempt: number },
): Run {
  const dir = attemptDir(record, known.name, meta.attempt)
  const logPath = logFile(record, known.name, meta.attempt)
  const whole: ContainerMeta = {
    id: `slipway://${randomBytes(32).toString('hex')}`,
    createdAtMs: context.now(),
    ...meta,
  }
  // What a start that was cut off left behind would be in the way.
  removeAttempt(dir)
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  mkdirSync(dirname(logPath), { recursive: true, mode: 0o700 })
  const files = processFiles(dir)
  writeFileSync(files.meta, JSON.stringify(whole), { mode: 0o600 })
  writeFileSync(files.terminationLog, '', { mode: 0o600 })
  const run = newAttempt({ meta: whole, dir, logPath })
  known.runs.push(run)
  for (const old of known.runs.splice(0, known.runs.length - KEPT_RUNS)) removeRun(old)
  return run
}

function removeRun(run: Run): void {
  removeAttempt(run.dir)
  for (const number of rotatedNumbers(run.logPath)) rmSync(rotatedPath(run.logPath, number), { force: true })
  rmSync(run.logPath, { force: true })
}

/** Name of an attempt's control group. */
export const groupId = (run: Run) => run.meta.id.replace(/^.*:\/\//, '').slice(0, 32)

/** Opens the run's log and answers the function that writes what the container says into it. */
export function openLog(context: NodeContext, run: Run): (stream: LogStream, chunk: Buffer) => void {
  const log = new LogWriter(run.logPath, context.logRotation)
  run.log = log
  return (stream, chunk) => {
    context.counters.logBytes += chunk.length
    log.write(stream, chunk)
    for (const tap of run.taps) tap(stream, chunk)
  }
}

/** What the container left as its last words. Empty: null. */
function terminationMessage(run: Run): string | null {
  const buffer = Buffer.alloc(MAX_TERMINATION_MESSAGE_BYTES)
  try {
    const fd = openSync(processFiles(run.dir).terminationLog, 'r')
    const length = readSync(fd, buffer, 0, buffer.length, 0)
    closeSync(fd)
    return length === 0 ? null : buffer.toString('utf8', 0, length)
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null
    throw error
  }
}

/** How the kubelet words an end. */
export async function describeExit(container: Container, run: Run, exit: ProcessExit): Promise<RunExit> {
  const reason = !exit.seen ? 'Unknown' : run.outOfMemory ? 'OOMKilled' : exit.exitCode === 0 ? 'Completed' : 'Error'
  // A simulated container has no files to look into.
  if (run.dir === '') return { exitCode: exit.exitCode, finishedAtMs: exit.finishedAtMs, reason, message: null }
  let message = terminationMessage(run)
  if (message === null && exit.exitCode !== 0 && container.terminationMessagePolicy === 'FallbackToLogsOnError') {
    message = await logTail(run)
  }
  return { exitCode: exit.exitCode, finishedAtMs: exit.finishedAtMs, reason, message }
}

async function logTail(run: Run): Promise<string | null> {
  const chunks: Buffer[] = []
  const options = { timestamps: false, follow: false, tailLines: FALLBACK.tailLines }
  for await (const chunk of readLog(run.logPath, null, options, new AbortController().signal)) chunks.push(chunk)
  const text = Buffer.concat(chunks)
  return text.length === 0 ? null : text.subarray(Math.max(0, text.length - FALLBACK.limitBytes)).toString('utf8')
}

/** Number of the next attempt: after what is on disk, or what the object says of an earlier life of the node. */
export function nextAttempt(pod: Pod, container: Container, known: ContainerRecord): number {
  const present = known.runs.at(-1)
  if (present !== undefined) return present.meta.attempt + 1
  const statuses = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])]
  const status = statuses.find((each) => each.name === container.name)
  return status?.containerID === undefined ? 0 : status.restartCount + 1
}
