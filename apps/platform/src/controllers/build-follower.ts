import { isStatus } from '@slipway/kube'
import { BUILD_CONTAINER_NAME, BUILD_NAMESPACE } from '@slipway/manifests'
import type { BuildLogEntry } from '../live/build-logs.ts'
import { createResumeFilter, sinceTimeOf } from '../live/log-position.ts'
import { nanosecondsOf, parseStampedLine } from '../live/log-time.ts'
import { pause } from '../server/pause.ts'
import type { ControllerContext } from './context.ts'

const RETRY_MS = 500
/** Lines are written in blocks: when this many have come, or this long after the first. */
const BLOCK_LINES = 200
const BLOCK_MS = 100

/** Copies the output of builds from their pods to the build logs, one follower a build, resuming where the log ends. */
export interface BuildFollowers {
  /** Follows the build's pod from now on; the same again does nothing. */
  follow(buildId: string, jobName: string): void
  /** Resolves when all output of an ended pod has been written, or after `limitMs`. */
  drain(buildId: string, limitMs: number): Promise<void>
  /** Stops following. */
  forget(buildId: string): void
  stop(): Promise<void>
  size(): number
}

export function createBuildFollowers(
  context: Pick<ControllerContext, 'cluster' | 'caches' | 'buildLogs' | 'logger'>,
): BuildFollowers {
  const followers = new Map<string, { abort: AbortController; done: Promise<void> }>()
  return {
    follow(buildId, jobName) {
      if (followers.has(buildId)) return
      const abort = new AbortController()
      const done = followJob(context, buildId, jobName, abort.signal).catch((error) => {
        context.logger.error({ err: error, buildId }, 'a build log could not be followed')
      })
      followers.set(buildId, { abort, done })
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

/** Until the build's container has ended and its log was read whole. A cut connection, or a container that has not begun, is tried again. */
async function followJob(context: FollowContext, buildId: string, jobName: string, signal: AbortSignal): Promise<void> {
  let seen = false
  while (!signal.aborted) {
    const pod = context.caches.podsOfJob(BUILD_NAMESPACE, jobName)[0]
    const status = pod?.status?.containerStatuses?.find(({ name }) => name === BUILD_CONTAINER_NAME)
    // A Job that ran out of time deletes its pod: what it printed until then was copied.
    if (pod === undefined && seen) return
    seen ||= pod !== undefined
    const ended = status?.state?.terminated !== undefined
    if (pod !== undefined && (ended || status?.state?.running !== undefined)) {
      try {
        await copyLog(context, buildId, pod.metadata.name, signal)
        // Ended before we began to read, or ended since: either way all was read.
        if (ended || signal.aborted) return
      } catch (error) {
        if (isStatus(error, 404)) return
        context.logger.debug({ err: error, buildId }, 'following a build log was cut; it goes on')
      }
    }
    await pause(RETRY_MS, signal)
  }
}

async function copyLog(
  { cluster, buildLogs }: FollowContext,
  buildId: string,
  pod: string,
  signal: AbortSignal,
): Promise<void> {
  const mark = await buildLogs.builderMark(buildId)
  const isNew = createResumeFilter(mark)
  const lines = cluster.followLog(
    { namespace: BUILD_NAMESPACE, name: pod },
    {
      container: BUILD_CONTAINER_NAME,
      timestamps: true,
      signal,
      ...(mark === undefined ? {} : { sinceTime: sinceTimeOf(mark) }),
    },
  )
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
      const { at, text } = parseStampedLine(line, new Date().toISOString())
      if (!isNew(nanosecondsOf(at))) continue
      block.push({ at, origin: 'builder', text })
      if (block.length >= BLOCK_LINES) {
        flush()
        // Back-pressure: reading waits for the disk.
        await Promise.all(writes.splice(0))
      } else timer ??= setTimeout(flush, BLOCK_MS)
    }
  } finally {
    flush()
    await Promise.all(writes)
  }
}
