import { cutRun, type Database, getRun } from '@slipway/db'
import { runWaits } from '@slipway/health'
import { type Cluster, KubeApiError, type RemoteCommand } from '@slipway/kube'
import { CONTAINER_NAME } from '@slipway/manifests'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import type { RunOfTerminal } from '../ports/terminals.ts'
import { type Bell, pause } from '../server/pause.ts'
import type { ClusterCaches } from './caches.ts'
import type { Kube } from './informers.ts'
import type { Terminal } from './terminal.ts'
import { createOutputBuffer, type Output } from './terminal-buffer.ts'

/** Without an event: what the watch or a notification might have missed. */
const LOOK_AGAIN_MS = 1000
/** A prompt, which has no end of line, is in the log this long after it was printed. */
const LOG_FLUSH_MS = 250
const SHOWN_LINES = 500
const SHOWN_BYTES = 128 * 1024

export interface RunTerminalParts {
  cluster: Pick<Cluster, 'attach' | 'readLog'>
  caches: Pick<ClusterCaches, 'podsOfJob'>
  db: Database
  now: () => Date
}

export interface DriveRun {
  /** Rings when the row, the Job or its pod changed. */
  bell: Bell
  signal: AbortSignal
}

/**
 * Keeps a terminal connected to the command of a Job until the row says that it has ended. The Job knows nothing of it: whatever is
 * cut, another attach joins it, and the log has what was printed before.
 */
export async function driveRun(
  parts: RunTerminalParts,
  terminal: Terminal,
  run: RunOfTerminal,
  { bell, signal }: DriveRun,
): Promise<void> {
  let isWhole = false
  while (!signal.aborted) {
    const pod = parts.caches.podsOfJob(run.namespace, run.job)[0]
    const state = pod === undefined ? undefined : stateOf(pod)
    if (pod !== undefined && state?.running !== undefined && !isWhole) {
      // What it has read ends with the connection, wherever that was cut.
      if (run.mode === 'input' && terminal.tookInput && !terminal.inputEnded) {
        await cutRun(parts.db, run.id, { failure: CUT, now: parts.now() })
      } else isWhole = await join(parts, terminal, run, pod, signal)
    }
    if (pod !== undefined && state?.terminated !== undefined && !isWhole && run.mode === 'terminal') {
      isWhole = await showLog(parts, terminal, pod)
    }
    if (pod !== undefined && state?.running === undefined) terminal.set({ waiting: runWaits(pod) })
    const { endedAt, exitCode, failure } = await getRun(parts.db, run.appId, run.id)
    const isRead = isWhole || pod === undefined || state === undefined || run.mode === 'input'
    if (endedAt !== null && (isRead || failure !== null))
      return terminal.set({ waiting: null, end: { exitCode, failure } })
    await bell.heard(LOOK_AGAIN_MS, signal)
  }
}

const CUT = 'The connection was cut while its input was sent: it was stopped, because it has read a part of it.'

type State = { running?: unknown; terminated?: unknown }
const stateOf = (pod: Pod): State | undefined =>
  pod.status?.containerStatuses?.find(({ name }) => name === CONTAINER_NAME)?.state

const refOf = ({ metadata: { namespace = '', name } }: Kube<Pod>) => ({ namespace, name })

/** Joins the command until it ends: true then, false where the connection was cut before. */
async function join(
  { cluster }: RunTerminalParts,
  terminal: Terminal,
  { mode }: RunOfTerminal,
  pod: Kube<Pod>,
  signal: AbortSignal,
): Promise<boolean> {
  const held = createOutputBuffer(SHOWN_BYTES)
  let take = (output: Output) => held.push(output)
  let remote: RemoteCommand
  try {
    remote = await cluster.attach(refOf(pod), {
      ...{ container: CONTAINER_NAME, tty: mode === 'terminal', stdin: true, output: mode === 'terminal' },
      onOutput: (stream, data) => take({ stream, data }),
    })
  } catch {
    return false // It has ended meanwhile, or the cluster is away: what the caches say next decides.
  }
  const close = () => remote.close()
  signal.addEventListener('abort', close, { once: true })
  try {
    if (mode === 'terminal') {
      await pause(LOG_FLUSH_MS, signal)
      const before = await logOf(cluster, pod)
      const after = Buffer.concat(held.read(0, SHOWN_BYTES).map(({ data }) => data))
      terminal.restart(joined(before, after))
      take = (output) => terminal.output(output)
    }
    terminal.connect(remote)
    await remote.ended
    return true
  } catch {
    return false
  } finally {
    signal.removeEventListener('abort', close)
    terminal.disconnect()
    remote.close()
  }
}

/** Two parts of one output, of which the second may begin within the first. */
function joined(before: Buffer, after: Buffer): Buffer {
  for (let common = Math.min(before.length, after.length); common > 0; common -= 1) {
    if (before.subarray(before.length - common).equals(after.subarray(0, common))) {
      return Buffer.concat([before, after.subarray(common)])
    }
  }
  return Buffer.concat([before, after])
}

/** True when the log was shown, or there is none. */
async function showLog({ cluster }: RunTerminalParts, terminal: Terminal, pod: Kube<Pod>): Promise<boolean> {
  try {
    terminal.restart(await logOf(cluster, pod))
    return true
  } catch (error) {
    return error instanceof KubeApiError
  }
}

/** Lines of a terminal's log end with CR LF, as the terminal wrote them. */
async function logOf(cluster: Pick<Cluster, 'readLog'>, pod: Kube<Pod>): Promise<Buffer> {
  const options = { container: CONTAINER_NAME, tailLines: SHOWN_LINES, limitBytes: SHOWN_BYTES }
  return Buffer.from(await cluster.readLog(refOf(pod), options))
}
