import type { LogBatch, LogLine } from '@slipway/domain'
import type { Cluster } from '@slipway/kube'
import { CONTAINER_NAME } from '@slipway/manifests'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import type { AppPlace, LogFollowQuery, LogSink } from '../ports/logs.ts'
import { pause } from '../server/pause.ts'
import type { ClusterCaches } from './caches.ts'
import type { Kube } from './informers.ts'
import {
  advance,
  advanceTo,
  createResumeFilter,
  decodePosition,
  encodePosition,
  instanceKey,
  type LogPosition,
  sinceTimeOf,
} from './log-position.ts'
import { BATCH_LINES, createLogQueue, type LogQueue } from './log-queue.ts'
import { hasNoLog, lineOf, type PositionedReader, podsToRead } from './log-reader.ts'
import { nanosecondsOf, parseStampedLine } from './log-time.ts'

/** The client is behind: nothing more is sent until it has taken what it was sent. */
const BACKLOG_LIMIT_BYTES = 1024 * 1024
const BATCH_MS = 100
const RETRY_MS = 500
/** Instances of one stream; an app has at most a hundred, twice that while it rolls. */
const MAX_PODS = 250
/** What a pod that appears later has written before it was seen. */
const NEW_POD_TAIL = 10_000

export interface FollowParts {
  cluster: Pick<Cluster, 'followLog'>
  caches: ClusterCaches
  reader: PositionedReader
}

/**
 * The merged log of an app as it grows: the tail first (or what came since a cut), then every line of every instance, also
 * of those that come later and of containers that start again. Ends with `signal`.
 */
export async function* followLogs(
  parts: FollowParts,
  target: AppPlace,
  query: LogFollowQuery,
  sink: LogSink,
  signal: AbortSignal,
): AsyncGenerator<{ id: string; batch: LogBatch }> {
  const resumed = query.resumeFrom === null ? null : decodePosition(query.resumeFrom)
  const sent: LogPosition = resumed ?? new Map()
  const send = (batch: LogBatch) => {
    for (const line of batch.lines) advanceTo(sent, line)
    return { id: encodePosition(sent), batch }
  }
  // What was read and not sent (older than the tail) is not read again.
  const from: LogPosition = new Map(resumed)
  if (resumed === null) {
    const tail = await parts.reader.readTail(target, query, signal)
    for (const [key, mark] of tail.position) from.set(key, mark)
    for (const batch of batchesOf(tail.lines)) {
      await roomFor(sink, signal)
      yield send(batch)
    }
  } else yield send({ lines: [], skipped: 0, live: true })

  const ended = new AbortController()
  const stop = AbortSignal.any([signal, ended.signal])
  const queue = createLogQueue()
  const follower = createFollower(parts, target, query, queue, from, stop)
  try {
    while (!signal.aborted) {
      await pause(BATCH_MS, signal)
      await roomFor(sink, signal)
      if (signal.aborted) return
      const batch = queue.take()
      if (batch !== null) yield send({ ...batch, live: true })
      forgetGone(sent, parts.caches, target)
    }
  } finally {
    ended.abort()
    follower.stop()
  }
}

function batchesOf(tail: readonly LogLine[]): LogBatch[] {
  const batches: LogBatch[] = []
  for (let at = 0; at < tail.length; at += BATCH_LINES) {
    batches.push({ lines: tail.slice(at, at + BATCH_LINES), skipped: 0, live: at + BATCH_LINES >= tail.length })
  }
  return batches.length > 0 ? batches : [{ lines: [], skipped: 0, live: true }]
}

async function roomFor(sink: LogSink, signal: AbortSignal): Promise<void> {
  while (sink.backlogBytes() > BACKLOG_LIMIT_BYTES && !signal.aborted) {
    await pause(BATCH_MS, signal)
  }
}

/** Ids stay short: instances that are gone need no watermark. */
function forgetGone(sent: LogPosition, caches: ClusterCaches, target: AppPlace): void {
  if (sent.size <= MAX_PODS / 2) return
  const present = new Set(podsToRead(caches, target, {}).map((pod) => instanceKey(pod.metadata.name)))
  for (const key of sent.keys()) if (!present.has(key)) sent.delete(key)
}

/** One loop for each instance, begun when the caches show it. */
function createFollower(
  parts: FollowParts,
  target: AppPlace,
  query: LogFollowQuery,
  queue: LogQueue,
  position: LogPosition,
  signal: AbortSignal,
): { stop(): void } {
  const following = new Set<string>()
  // Without a tail only what comes from now on is wanted: of instances that are there already, nothing of before.
  const fromNow = new Set(
    query.tail === 0 && query.resumeFrom === null
      ? podsToRead(parts.caches, target, query).map((pod) => pod.metadata.name)
      : [],
  )
  const look = () => {
    for (const pod of podsToRead(parts.caches, target, query)) {
      const { name } = pod.metadata
      if (following.has(name) || following.size >= MAX_PODS || signal.aborted) continue
      following.add(name)
      void followPod(parts, target, pod, { queue, position, fromNow, signal }).finally(() => following.delete(name))
    }
  }
  const unsubscribe = parts.caches.onAppChange((changed) => {
    if (changed === target.id) look()
  })
  look()
  return { stop: unsubscribe }
}

interface Destination {
  queue: LogQueue
  position: LogPosition
  /** Instances whose present life is read from now on. */
  fromNow: Set<string>
  signal: AbortSignal
}

/** Until the pod is gone: each life of its container, from where the last reading ended. */
async function followPod(parts: FollowParts, target: AppPlace, first: Kube<Pod>, into: Destination): Promise<void> {
  const { signal } = into
  const { name } = first.metadata
  const current = () =>
    podsToRead(parts.caches, target, { instance: name }).find(({ metadata }) => metadata.uid === first.metadata.uid)
  let finished: string | null = null
  for (let pod = current(); pod !== undefined && !signal.aborted; pod = current()) {
    const life = lifeOf(pod)
    if (life !== null && life !== finished) {
      try {
        await copyLines(parts, pod, into)
        // The stream ended with its container; what is read next is the container's next life, all of it.
        finished = life
        into.fromNow.delete(name)
      } catch (error) {
        if (!hasNoLog(error) && signal.aborted) return
      }
    }
    await pause(RETRY_MS, signal)
  }
}

/** Names one life of the container; null while it has not begun one. A life that ended is named as while it ran. */
function lifeOf(pod: Kube<Pod>): string | null {
  const status = pod.status?.containerStatuses?.find(({ name }) => name === CONTAINER_NAME)
  const id = status?.state?.running
    ? status.containerID
    : (status?.state?.terminated?.containerID ?? status?.lastState?.terminated?.containerID)
  return id ?? null
}

async function copyLines(
  { cluster }: FollowParts,
  pod: Kube<Pod>,
  { queue, position, fromNow, signal }: Destination,
): Promise<void> {
  const { namespace = '', name } = pod.metadata
  const key = instanceKey(name)
  const mark = position.get(key)
  const isNew = createResumeFilter(mark)
  const lines = cluster.followLog(
    { namespace, name },
    {
      container: CONTAINER_NAME,
      timestamps: true,
      signal,
      ...(mark === undefined ? { tailLines: fromNow.has(name) ? 0 : NEW_POD_TAIL } : { sinceTime: sinceTimeOf(mark) }),
    },
  )
  for await (const raw of lines) {
    const stamped = parseStampedLine(raw, new Date().toISOString())
    const nanoseconds = nanosecondsOf(stamped.at)
    if (!isNew(nanoseconds)) continue
    position.set(key, advance(position.get(key), nanoseconds))
    queue.push(lineOf(pod, stamped))
  }
}
