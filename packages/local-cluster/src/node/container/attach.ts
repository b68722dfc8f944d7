import { PassThrough, type Writable } from 'node:stream'
import type { PodExecOptions, PodProcess } from '../../types/client.ts'
import type { Pod } from '../../types/pod.ts'
import { allContainers, type Run, type Tap } from '../pod/state.ts'
import { openFifo } from '../process/fifo.ts'
import { processFiles } from '../process/paths.ts'
import { resizer } from './terminal.ts'

/** A client that leaves more than this unread loses output: the container does not wait for it. */
const MOST_UNREAD_BYTES = 4 * 1024 * 1024

/**
 * Joins a container that runs: what it writes from now on, and its standard input where it has one.
 * Reference: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#debugging
 */
export function attach(pod: Pod, run: Run, options: Omit<PodExecOptions, 'command'>): PodProcess {
  const container = allContainers(pod).find(({ name }) => name === options.container)
  const once = container?.stdinOnce === true
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const stdin = container?.stdin === true ? openInput(run, once) : null
  const left = Promise.withResolvers<void>()
  const leave = () => {
    run.taps.delete(tap)
    stdout.end()
    stderr.end()
    // With stdinOnce nobody comes after the first client.
    if (stdin !== null && once) void run.process?.endInput()
    stdin?.destroy()
    left.resolve()
  }
  const tap: Tap = (stream, chunk) => {
    const to = stream === 'stdout' ? stdout : stderr
    if (to.writableLength < MOST_UNREAD_BYTES) to.write(chunk)
  }
  run.taps.add(tap)
  options.signal.addEventListener('abort', leave, { once: true })
  void run.process?.exited.then(leave)
  const resize = container?.tty === true ? resizer(run.process?.shimPid ?? 0) : () => undefined
  // The container's status says how it ended.
  return { stdin, stdout, stderr, resize, exitCode: left.promise.then(() => 0), kill: leave }
}

/** Null where the container has closed its input. */
function openInput(run: Run, once: boolean): Writable | null {
  const fifo = openFifo(processFiles(run.dir).stdin)
  fifo?.once('finish', () => {
    if (once) void run.process?.endInput()
  })
  return fifo
}
