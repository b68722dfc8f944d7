import { PassThrough, type Writable } from 'node:stream'
import type { PodExecOptions, PodProcess } from '../../api/client.ts'
import type { Container, Pod } from '../../controllers/objects.ts'
import { allContainers, type Run, type Tap } from '../pod/state.ts'
import { openFifo } from '../process/fifo.ts'
import { processFiles } from '../process/paths.ts'
import { resizer } from './terminal.ts'

/** What a client that reads more slowly than the container writes may leave lying; then it is let go. */
const MOST_UNREAD_BYTES = 4 * 1024 * 1024

/**
 * Joins a container that runs: what it says from now on, and its standard input where it has one.
 * Reference: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#debugging
 */
export function attach(pod: Pod, run: Run, options: Omit<PodExecOptions, 'command'>): PodProcess {
  const container = allContainers(pod).find(({ name }) => name === options.container)
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const input = openInput(run, container)
  const left = Promise.withResolvers<void>()
  const leave = () => {
    run.taps.delete(tap)
    for (const stream of [stdout, stderr]) stream.end()
    // Nobody comes after the first client: the program has read all that there will be.
    if (input !== null && container?.stdinOnce === true) void run.process?.endInput()
    input?.destroy()
    left.resolve()
  }
  const tap: Tap = (stream, chunk) => {
    const to = stream === 'stdout' ? stdout : stderr
    to.write(chunk)
    if (to.writableLength > MOST_UNREAD_BYTES) leave()
  }
  run.taps.add(tap)
  options.signal.addEventListener('abort', leave, { once: true })
  void run.process?.exited.then(leave)
  const resize = container?.tty === true ? resizer(run.process?.shimPid ?? 0) : () => undefined
  // How the container ended is for its status to say.
  return { stdin: input, stdout, stderr, resize, exitCode: left.promise.then(() => 0), kill: leave }
}

/** Null where the container has no standard input, or has closed it. */
function openInput(run: Run, container: Container | undefined): Writable | null {
  if (container?.stdin !== true) return null
  const fifo = openFifo(processFiles(run.dir).stdin)
  if (fifo === null) return null
  // A client that says that it is done ends the input where it is the only one; otherwise the next one goes on.
  fifo.once('finish', () => {
    if (container.stdinOnce === true) void run.process?.endInput()
  })
  return fifo
}
