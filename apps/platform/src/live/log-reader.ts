import { AppError, type LogLine } from '@slipway/domain'
import { type Cluster, KubeApiError } from '@slipway/kube'
import { CONTAINER_NAME, LABELS, releaseOf } from '@slipway/manifests'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import type { LogQuery, LogReader, ObservedTarget } from '../api/index.ts'
import type { ClusterCaches } from './caches.ts'
import type { Kube } from './informers.ts'
import { byTime, parseStampedLine } from './log-time.ts'

const READ_LIMIT_BYTES = 4 * 1024 * 1024
const READS_AT_ONCE = 8

/** The pods that a query is about. */
export function podsToRead(
  caches: ClusterCaches,
  target: ObservedTarget,
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
export function lineOf(pod: Kube<Pod>, stamped: { at: string; text: string }): LogLine {
  return {
    at: stamped.at,
    process: pod.metadata.labels?.[LABELS.process] ?? '',
    instance: pod.metadata.name,
    release: releaseOf(pod) ?? 0,
    text: stamped.text,
  }
}

/** A container that has not begun has no log, nor has a pod that went in this moment. */
export function hasNoLog(error: unknown): boolean {
  return error instanceof KubeApiError && (error.status === 404 || error.status === 400)
}

/** Reads the ends of all logs of an app and merges them by time. */
export function createLogReader(cluster: Pick<Cluster, 'readLog'>, caches: ClusterCaches): LogReader {
  return {
    async read(target, query, signal) {
      if (!caches.isSynced()) throw clusterAway()
      const pods = podsToRead(caches, target, query)
      const lines: LogLine[] = []
      let failure: unknown = null
      let failures = 0
      const rest = [...pods]
      const worker = async () => {
        for (let pod = rest.pop(); pod !== undefined && !signal.aborted; pod = rest.pop()) {
          try {
            for (const line of await tailOf(cluster, pod, query.tail)) lines.push(line)
          } catch (error) {
            failure = error
            failures++
          }
        }
      }
      await Promise.all(Array.from({ length: READS_AT_ONCE }, worker))
      if (failures > 0 && failures === pods.length) throw clusterAway(failure)
      return lines.sort(byTime).slice(-query.tail || lines.length)
    },
  }
}

function clusterAway(cause?: unknown): AppError {
  return new AppError(
    'unavailable',
    'The cluster does not answer, so there are no logs now. Try again in a moment.',
    {},
    { cause },
  )
}

async function tailOf(cluster: Pick<Cluster, 'readLog'>, pod: Kube<Pod>, tail: number): Promise<LogLine[]> {
  if (tail === 0) return []
  const { namespace = '', name } = pod.metadata
  try {
    const text = await cluster.readLog(
      { namespace, name },
      { container: CONTAINER_NAME, tailLines: tail, timestamps: true, limitBytes: READ_LIMIT_BYTES },
    )
    const fallback = pod.metadata.creationTimestamp ?? new Date(0).toISOString()
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => lineOf(pod, parseStampedLine(line, fallback)))
  } catch (error) {
    if (hasNoLog(error)) return []
    throw error
  }
}
