import { newestFirst } from '@slipway/health'
import { isStatus } from '@slipway/kube'
import type { KeptLogEntry, KeptLogs } from '../live/kept-logs.ts'
import { createResumeFilter, sinceTimeOf } from '../live/log-position.ts'
import { nanosecondsOf, parseStampedLine } from '../live/log-time.ts'
import { type Bell, createBell, pause } from '../server/pause.ts'
import type { ControllerContext } from './context.ts'

/** An event of the pod that the watch missed is made up for this much later. */
const RETRY_MS = 500
/** Lines are written in blocks: when this many have come, or this long after the first. */
const BLOCK_LINES = 200
const BLOCK_MS = 100

/** Copies the output of Jobs from their pods to the logs that are kept, one follower a Job, resuming where the log ends. */
export interface JobFollowers {
  /** Follows the pods of the Job from now on; the same again, at an event of one of them, looks at them at once. */
  follow(id: string, job: JobName): void
  /** Resolves when all output of an ended pod has been written, or after `limitMs`. */
  drain(id: string, limitMs: number): Promise<void>
  /** Stops following. */
  forget(id: string): void
  stop(): Promise<void>
  size(): number
}

interface JobName {
  namespace: string
  name: string
}

type FollowContext = Pick<ControllerContext, 'cluster' | 'caches' | 'logger'> & {
  logs: KeptLogs
  /** Whose output it is, in each pod. */
  container: string
}

export function createJobFollowers(context: FollowContext): JobFollowers {
  const followers = new Map<string, { abort: AbortController; bell: Bell; done: Promise<void> }>()
  return {
    follow(id, job) {
      const known = followers.get(id)
      if (known !== undefined) return known.bell.ring()
      const abort = new AbortController()
      const bell = createBell()
      const done = followJob(context, id, job, bell, abort.signal).catch((error) => {
        context.logger.error({ err: error, id }, 'the log of a Job could not be followed')
      })
      followers.set(id, { abort, bell, done })
    },
    async drain(id, limitMs) {
      const follower = followers.get(id)
      if (follower === undefined) return
      const timer = new AbortController()
      await Promise.race([follower.done, pause(limitMs, timer.signal)])
      timer.abort()
    },
    forget(id) {
      followers.get(id)?.abort.abort()
      followers.delete(id)
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

/**
 * Until its container has ended and its log was read whole. A cut connection, or a container that has not begun, is tried
 * again; after a drained node the Job's next pod is followed too.
 */
async function followJob(
  context: FollowContext,
  id: string,
  job: JobName,
  bell: Bell,
  signal: AbortSignal,
): Promise<void> {
  const read = new Set<string>()
  while (!signal.aborted) {
    const pods = newestFirst(context.caches.podsOfJob(job.namespace, job.name))
    const pod = pods.find(({ metadata }) => !read.has(metadata.name))
    const status = pod?.status?.containerStatuses?.find(({ name }) => name === context.container)
    const ended = status?.state?.terminated
    if (pod === undefined && read.size > 0 && isOver(context, job)) return
    if (pod !== undefined && (ended !== undefined || status?.state?.running !== undefined)) {
      try {
        await copyLog(context, id, { namespace: job.namespace, name: pod.metadata.name }, signal)
        if (ended?.exitCode === 0 || signal.aborted) return
        // Ended before we began to read: all was read. Otherwise its end is still to be seen.
        if (ended !== undefined) read.add(pod.metadata.name)
      } catch (error) {
        if (isStatus(error, 404)) read.add(pod.metadata.name)
        else context.logger.debug({ err: error, id }, 'following the log of a Job was cut; it goes on')
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
  { cluster, logs, container }: FollowContext,
  id: string,
  pod: JobName,
  signal: AbortSignal,
): Promise<void> {
  const mark = await logs.podMark(id)
  const isNew = createResumeFilter(mark)
  const lines = cluster.followLog(pod, {
    container,
    timestamps: true,
    signal,
    ...(mark === undefined ? {} : { sinceTime: sinceTimeOf(mark) }),
  })
  let block: KeptLogEntry[] = []
  let timer: NodeJS.Timeout | undefined
  const writes: Promise<void>[] = []
  const flush = () => {
    clearTimeout(timer)
    timer = undefined
    if (block.length === 0) return
    const entries = block
    block = []
    writes.push(logs.append(id, entries))
  }
  try {
    for await (const line of lines) {
      const { at, text, cut } = parseStampedLine(line, new Date().toISOString())
      if (!isNew(nanosecondsOf(at))) continue
      block.push({ at, origin: 'pod', text: cut ? `${text} … (line cut)` : text })
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
