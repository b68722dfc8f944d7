import { newestFirst } from '@slipway/health'
import { isStatus } from '@slipway/kube'
import { BUILD_CONTAINER_NAME } from '@slipway/manifests'
import type { BuildLogEntry } from '../live/build-logs.ts'
import { createResumeFilter, sinceTimeOf } from '../live/log-position.ts'
import { nanosecondsOf, parseStampedLine } from '../live/log-time.ts'
import { type Bell, createBell, pause } from '../server/pause.ts'
import type { ControllerContext } from './context.ts'

/** An event of the pod that the watch missed is made up for this much later. */
const RETRY_MS = 500
/** Lines are written in blocks: when this many have come, or this long after the first. */
const BLOCK_LINES = 200
const BLOCK_MS = 100

/** Copies the output of builds from their pods to the build logs, one follower a build, resuming where the log ends. */
export interface BuildFollowers {
  /** Follows the pods of the build's Job from now on; the same again, at an event of one of them, looks at them at once. */
  follow(buildId: string, job: JobName): void
  /** Resolves when all output of an ended pod has been written, or after `limitMs`. */
  drain(buildId: string, limitMs: number): Promise<void>
  /** Stops following. */
  forget(buildId: string): void
  stop(): Promise<void>
  size(): number
}

interface JobName {
  namespace: string
  name: string
}

export function createBuildFollowers(
  context: Pick<ControllerContext, 'cluster' | 'caches' | 'buildLogs' | 'logger'>,
): BuildFollowers {
  const followers = new Map<string, { abort: AbortController; bell: Bell; done: Promise<void> }>()
  return {
    follow(buildId, job) {
      const known = followers.get(buildId)
      if (known !== undefined) return known.bell.ring()
      const abort = new AbortController()
      const bell = createBell()
      const done = followJob(context, buildId, job, bell, abort.signal).catch((error) => {
        context.logger.error({ err: error, buildId }, 'a build log could not be followed')
      })
      followers.set(buildId, { abort, bell, done })
    },
    async drain(buildId, limitMs) {
      const follower = followers.get(buildId)
      if (follower === undefined) return
      const timer = new AbortController()
      await Promise.race([follower.done, pause(limitMs, timer.signal)])
      timer.abort()
    },
    forget(buildId) {
      followers.get(buildId)?.abort.abort()
      followers.delete(buildId)
    },
    async stop() {
      const all = [...followers.values()]
      for (const { abort } of all) abort.abort()
      followers.clear()
      await Promise.all(all.map(({ done }) => done))
    },
    size: () => followers.size,
  }
}

type FollowContext = Parameters<typeof createBuildFollowers>[0]

/**
 * Until the build's container has ended and its log was read whole. A cut connection, or a container that has not begun, is tried
 * again; after a drained node the Job's next pod is followed too.
 */
async function followJob(
  context: FollowContext,
  buildId: string,
  job: JobName,
  bell: Bell,
  signal: AbortSignal,
): Promise<void> {
  const read = new Set<string>()
  while (!signal.aborted) {
    const pods = newestFirst(context.caches.podsOfJob(job.namespace, job.name))
    const pod = pods.find(({ metadata }) => !read.has(metadata.name))
    const status = pod?.status?.containerStatuses?.find(({ name }) => name === BUILD_CONTAINER_NAME)
    const ended = status?.state?.terminated
    if (pod === undefined && read.size > 0 && isOver(context, job)) return
    if (pod !== undefined && (ended !== undefined || status?.state?.running !== undefined)) {
      try {
        await copyLog(context, buildId, { namespace: job.namespace, name: pod.metadata.name }, signal)
        if (ended?.exitCode === 0 || signal.aborted) return
        // Ended before we began to read: all was read. Otherwise its end is still to be seen.
        if (ended !== undefined) read.add(pod.metadata.name)
      } catch (error) {
        if (isStatus(error, 404)) read.add(pod.metadata.name)
        else context.logger.debug({ err: error, buildId }, 'following a build log was cut; it goes on')
      }
      if (read.size > 0) continue
    }
    await bell.heard(RETRY_MS, signal)
  }
}

/** A Job that has ended, or is gone, makes no more pods. */
function isOver({ caches }: FollowContext, { namespace, name }: JobName): boolean {
  const job = caches.job(namespace, name)
  return (
    job === undefined ||
    (job.status?.conditions ?? []).some(
      ({ type, status }) => status === 'True' && (type === 'Complete' || type === 'Failed'),
    )
  )
}

async function copyLog(
  { cluster, buildLogs }: FollowContext,
  buildId: string,
  pod: JobName,
  signal: AbortSignal,
): Promise<void> {
  const mark = await buildLogs.builderMark(buildId)
  const isNew = createResumeFilter(mark)
  const lines = cluster.followLog(pod, {
    container: BUILD_CONTAINER_NAME,
    timestamps: true,
    signal,
    ...(mark === undefined ? {} : { sinceTime: sinceTimeOf(mark) }),
  })
  let block: BuildLogEntry[] = []
  let timer: NodeJS.Timeout | undefined
  const writes: Promise<void>[] = []
  const flush = () => {
    clearTimeout(timer)
    timer = undefined
    if (block.length === 0) return
    const entries = block
    block = []
    writes.push(buildLogs.append(buildId, entries))
  }
  try {
    for await (const line of lines) {
      const { at, text, cut } = parseStampedLine(line, new Date().toISOString())
      if (!isNew(nanosecondsOf(at))) continue
      block.push({ at, origin: 'builder', text: cut ? `${text} … (line cut)` : text })
      if (block.length >= BLOCK_LINES) {
        flush()
        // Back-pressure: reading waits for the database.
        await Promise.all(writes.splice(0))
      } else timer ??= setTimeout(flush, BLOCK_MS)
    }
  } finally {
    flush()
    await Promise.all(writes)
  }
}
