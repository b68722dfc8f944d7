import { runWaits } from '@slipway/health'
import type { Cluster } from '@slipway/kube'
import { CONTAINER_NAME } from '@slipway/manifests'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import type { FollowedRun, LogSink, RunOutput } from '../ports/logs.ts'
import { type Bell, pause } from '../server/pause.ts'
import type { ClusterCaches } from './caches.ts'
import type { Kube } from './informers.ts'
import {
  advance,
  createResumeFilter,
  decodePosition,
  encodePosition,
  instanceKey,
  sinceTimeOf,
  type Watermark,
} from './log-position.ts'
import { hasNoLog } from './log-reader.ts'
import { nanosecondsOf, parseStampedLine } from './log-time.ts'

const BATCH_MS = 100
/** Without an event: what the watch or a notification might have missed. */
const LOOK_AGAIN_MS = 1000
/** No line of a command's output is dropped: reading waits until the follower has caught up. */
const BUFFER_LINES = 2000
const BACKLOG_LIMIT_BYTES = 1024 * 1024

export interface RunFollow {
  /** Id of the last event that the client saw; null begins at the beginning. */
  resumeFrom: string | null
  /** Whether the row says that it has ended. */
  isOver: () => Promise<boolean>
  sink: LogSink
  /** Rings when the row, the Job or its pod changed. */
  bell: Bell
  signal: AbortSignal
}

/** The output of a command that runs once, from its beginning until it has ended and all was read; why it waits before. */
export async function* followRun(
  { cluster, caches }: { cluster: Pick<Cluster, 'followLog'>; caches: ClusterCaches },
  run: FollowedRun,
  { resumeFrom, isOver, sink, bell, signal }: RunFollow,
): AsyncGenerator<RunOutput> {
  const key = instanceKey(run.id)
  let mark = resumeFrom === null ? undefined : decodePosition(resumeFrom)?.get(key)
  let waiting: string | null = null
  let isRead = false
  const output = (lines: string[]): RunOutput => ({
    id: encodePosition(mark === undefined ? new Map() : new Map([[key, mark]])),
    ...{ lines, waiting },
  })
  while (!signal.aborted) {
    const pod = caches.podsOfJob(run.namespace, run.job)[0]
    const hasBegun = pod !== undefined && hasContainerBegun(pod)
    let isGone = pod === undefined
    if (hasBegun && !isRead) {
      waiting = null
      try {
        for await (const block of linesOf(cluster, pod, mark, signal)) {
          mark = block.mark
          while (sink.backlogBytes() > BACKLOG_LIMIT_BYTES && !signal.aborted) await pause(BATCH_MS, signal)
          yield output(block.lines)
        }
        isRead = true
      } catch (error) {
        // A connection that was cut is taken up again where it was cut.
        isGone = hasNoLog(error)
      }
    }
    const reason = pod === undefined || hasBegun ? null : runWaits(pod)
    if (reason !== waiting) {
      waiting = reason
      yield output([])
    }
    if ((await isOver()) && (isRead || isGone || !hasBegun)) return
    await bell.heard(LOOK_AGAIN_MS, signal)
  }
}

function hasContainerBegun(pod: Pod): boolean {
  const state = pod.status?.containerStatuses?.find(({ name }) => name === CONTAINER_NAME)?.state
  return state?.running !== undefined || state?.terminated !== undefined
}

interface Block {
  lines: string[]
  /** After the last of them. */
  mark: Watermark | undefined
}

/** Lines after a mark in blocks, ten a second at most. @throws what the API server answers, or that the connection was cut */
async function* linesOf(
  cluster: Pick<Cluster, 'followLog'>,
  { metadata: { namespace = '', name } }: Kube<Pod>,
  from: Watermark | undefined,
  signal: AbortSignal,
): AsyncGenerator<Block> {
  const ended = new AbortController()
  const stop = AbortSignal.any([signal, ended.signal])
  const isNew = createResumeFilter(from)
  let [lines, mark]: [string[], Watermark | undefined] = [[], from]
  const read = async () => {
    const since = from === undefined ? {} : { sinceTime: sinceTimeOf(from) }
    const options = { container: CONTAINER_NAME, timestamps: true, signal: stop, ...since }
    for await (const raw of cluster.followLog({ namespace, name }, options)) {
      const { at, text, cut } = parseStampedLine(raw, new Date().toISOString())
      if (!isNew(nanosecondsOf(at))) continue
      mark = advance(mark, nanosecondsOf(at))
      lines.push(cut ? `${text} … (line cut)` : text)
      while (lines.length >= BUFFER_LINES && !stop.aborted) await pause(BATCH_MS, stop)
    }
  }
  let isOpen = true
  const reading = read().finally(() => {
    isOpen = false
  })
  reading.catch(() => undefined) // Thrown below, once what came before it was taken.
  try {
    while (!stop.aborted) {
      await pause(BATCH_MS, stop)
      const isLast = !isOpen
      const taken = lines
      lines = []
      if (taken.length > 0) yield { lines: taken, mark }
      if (isLast) break
    }
    await reading
  } finally {
    ended.abort()
  }
}
