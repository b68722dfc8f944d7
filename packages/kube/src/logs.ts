import type { LogOptions, PodRef } from './cluster.ts'
import { Pods } from './kinds.ts'
import { readLogLines } from './lines.ts'
import { pathOf } from './objects.ts'
import type { Transport } from './transport.ts'

const DEFAULT_LIMIT_BYTES = 1024 * 1024
const MAX_LINE_LENGTH = 1024 * 1024

const queryOf = (options: LogOptions) => ({
  container: options.container,
  tailLines: options.tailLines,
  sinceTime: options.sinceTime,
  timestamps: options.timestamps,
  previous: options.previous,
})

/** Reference: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#get-read-log-of-the-specified-pod */
export function readLog(transport: Transport, pod: PodRef, options: LogOptions = {}): Promise<string> {
  return transport.text(`${pathOf(Pods, pod.namespace, pod.name)}/log`, {
    query: { ...queryOf(options), limitBytes: options.limitBytes ?? DEFAULT_LIMIT_BYTES },
  })
}

/**
 * Lines as they come, cut at 1 Mi characters. The API server ends the stream when the container has ended; a connection that is cut shows as an
 * error of the body, which is thrown; an abort by the signal ends the lines without an error.
 */
export async function* followLog(
  transport: Transport,
  pod: PodRef,
  options: LogOptions & { signal: AbortSignal },
): AsyncGenerator<string> {
  try {
    const body = await transport.stream(`${pathOf(Pods, pod.namespace, pod.name)}/log`, {
      query: { ...queryOf(options), follow: true },
      signal: options.signal,
    })
    yield* readLogLines(body, MAX_LINE_LENGTH)
  } catch (error) {
    if (!options.signal.aborted) throw error
  }
}
