import { AppError, type LogLine } from '@slipway/domain'
import { type Cluster, KubeApiError } from '@slipway/kube'
import { CONTAINER_NAME, LABELS, releaseOf } from '@slipway/manifests'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import type { AppPlace, LogQuery, LogReader } from '../ports/logs.ts'
import type { ClusterCaches } from './caches.ts'
import type { Kube } from './informers.ts'
import { advanceTo, instanceKey, type LogPosition } from './log-position.ts'
import { byTime, nanosecondsOf, parseStampedLine, type StampedLine } from './log-time.ts'

const READ_LIMIT_BYTES = 4 * 1024 * 1024
const READS_AT_ONCE = 8

/** The pods that a query is about. */
export function podsToRead(
  caches: ClusterCaches,
  target: AppPlace,
  query: Pick<LogQuery, 'process' | 'instance'>,
): Kube<Pod>[] {
  return caches.app(target.namespace, target.ref.app).pods.filter((pod) => {
    const process = pod.metadata.labels?.[LABELS.process]
    if (process === undefined) return false
    if (query.process !== undefined && process !== query.process) return false
    return query.instance === undefined || pod.metadata.name === query.instance
  })
}

/** A stamped line of a pod's log as people see it. */
export function lineOf(pod: Kube<Pod>, stamped: StampedLine): LogLine {
  return {
    ...stamped,
    process: pod.metadata.labels?.[LABELS.process] ?? '',
    instance: pod.metadata.name,
    release: releaseOf(pod) ?? 0,
  }
}

/** A container that has not begun has no log, nor has a pod that went in this moment. */
export function hasNoLog(error: unknown): boolean {
  return error instanceof KubeApiError && (error.status === 404 || error.status === 400)
}

/** What was read of an app's logs, and how far in each: where a follower goes on. */
export interface LogTail {
  lines: LogLine[]
  position: LogPosition
}

/** A reader that says how far it came. */
export interface PositionedReader extends LogReader {
  readTail(target: AppPlace, query: LogQuery, signal: AbortSignal): Promise<LogTail>
}

/** Reads the ends of all logs of an app, or what they hold from a time on, and merges them by time. */
export function createLogReader(cluster: Pick<Cluster, 'readLog'>, caches: ClusterCaches): PositionedReader {
  const readTail = async (target: AppPlace, query: LogQuery, signal: AbortSignal): Promise<LogTail> => {
    if (!caches.isSynced()) throw clusterAway()
    const pods = podsToRead(caches, target, query)
    const parts: PodPart[] = []
    let failure: unknown = null
    let failures = 0
    const rest = [...pods]
    const worker = async () => {
      for (let pod = rest.pop(); pod !== undefined && !signal.aborted; pod = rest.pop()) {
        try {
          parts.push(await partOf(cluster, pod, query))
        } catch (error) {
          failure = error
          failures++
        }
      }
    }
    await Promise.all(Array.from({ length: READS_AT_ONCE }, worker))
    if (failures > 0 && failures === pods.length) throw clusterAway(failure)
    return query.since === undefined ? newest(parts, query.tail) : oldest(parts, query.tail, query.since)
  }
  return {
    readTail,
    read: async (target, query, signal) => (await readTail(target, query, signal)).lines,
  }
}

/** What one pod's log gave. */
interface PodPart {
  instance: string
  lines: LogLine[]
  /** The limit of bytes was met: there are later lines. */
  partial: boolean
}

function newest(parts: readonly PodPart[], tail: number): LogTail {
  const position: LogPosition = new Map()
  for (const { lines } of parts) for (const line of lines) advanceTo(position, line)
  const lines = parts.flatMap((part) => part.lines).sort(byTime)
  return { lines: tail === 0 ? [] : lines.slice(-tail), position }
}

/** Lines after the first point up to which every log was read come with the next reading. */
function oldest(parts: readonly PodPart[], limit: number, since: string): LogTail {
  const ends = parts.flatMap(({ partial, lines }) => (partial ? [nanosecondsOf(lines.at(-1)?.at ?? since)] : []))
  const end = ends.reduce<bigint | null>((least, each) => (least === null || each < least ? each : least), null)
  const lines = parts
    .flatMap((part) => part.lines)
    .filter(({ at }) => end === null || nanosecondsOf(at) <= end)
    .sort(byTime)
    .slice(0, limit)
  const start = { nanoseconds: nanosecondsOf(since), count: 0 }
  const position: LogPosition = new Map(parts.map(({ instance }) => [instanceKey(instance), start]))
  for (const line of lines) advanceTo(position, line)
  return { lines, position }
}

function clusterAway(cause?: unknown): AppError {
  return new AppError(
    'unavailable',
    'The cluster does not answer, so there are no logs now. Try again in a moment.',
    {},
    { cause },
  )
}

async function partOf(cluster: Pick<Cluster, 'readLog'>, pod: Kube<Pod>, query: LogQuery): Promise<PodPart> {
  const { namespace = '', name } = pod.metadata
  if (query.tail === 0) return { instance: name, lines: [], partial: false }
  const wanted = query.since === undefined ? { tailLines: query.tail } : { sinceTime: query.since }
  try {
    const text = await cluster.readLog(
      { namespace, name },
      { container: CONTAINER_NAME, ...wanted, timestamps: true, limitBytes: READ_LIMIT_BYTES },
    )
    const partial = query.since !== undefined && Buffer.byteLength(text) >= READ_LIMIT_BYTES
    const fallback = pod.metadata.creationTimestamp ?? new Date(0).toISOString()
    const raw = text.split('\n').filter((line) => line !== '')
    // What the limit cut off is read whole the next time.
    if (partial) raw.pop()
    return { instance: name, lines: raw.map((line) => lineOf(pod, parseStampedLine(line, fallback))), partial }
  } catch (error) {
    if (hasNoLog(error)) return { instance: name, lines: [], partial: false }
    throw error
  }
}
