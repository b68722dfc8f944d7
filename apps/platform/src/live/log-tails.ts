import type { LogSource } from '@slipway/health'
import type { Cluster } from '@slipway/kube'
import { type AppKey, appKeyOf } from './caches.ts'

/** Lines that are shown of what failed. */
const TAIL_LINES = 20
const LINE_LIMIT_CHARACTERS = 2000
/** A tail that is still asked for is read again after this long. */
const FRESH_MS = 10_000
const MAX_TAILS = 500
const MAX_READS = 8

export interface TailSource extends LogSource {
  namespace: string
  app: string
}

/**
 * The last log lines of containers that failed, for "why isn't it live?". Health is computed without waiting, so `get`
 * answers what is known and reads in the background; `onRead` tells that an app has news.
 */
export interface LogTails {
  get(source: TailSource): string[]
  onRead(listener: (key: AppKey) => void): void
  stats(): { tails: number; reading: number; failures: number }
}

interface Tail {
  lines: string[]
  readAtMs: number
  reading: boolean
}

export function createLogTails(cluster: Pick<Cluster, 'readLog'>): LogTails {
  const tails = new Map<string, Tail>()
  const listeners: ((key: AppKey) => void)[] = []
  const counters = { reading: 0, failures: 0 }

  async function read(source: TailSource, tail: Tail): Promise<void> {
    tail.reading = true
    counters.reading++
    try {
      const { namespace, pod, container, previous } = source
      const text = await cluster.readLog(
        { namespace, name: pod },
        { container, previous, tailLines: TAIL_LINES, limitBytes: 64 * 1024 },
      )
      const lines = text.split('\n').map((line) => line.slice(0, LINE_LIMIT_CHARACTERS))
      if (lines.at(-1) === '') lines.pop()
      const news = lines.join('\n') !== tail.lines.join('\n')
      tail.lines = lines.slice(-TAIL_LINES)
      if (news) for (const listener of listeners) listener(appKeyOf(namespace, source.app))
    } catch {
      // The container may be gone, or never have run: then there are no lines, and the sentence stands alone.
      counters.failures++
    } finally {
      tail.reading = false
      tail.readAtMs = Date.now()
      counters.reading--
    }
  }

  return {
    get(source) {
      const key = `${source.namespace}/${source.pod}/${source.container}/${source.previous}`
      const tail = tails.get(key) ?? { lines: [], readAtMs: 0, reading: false }
      // Insertion order is age: what was asked for last goes last.
      tails.delete(key)
      tails.set(key, tail)
      const oldest = tails.size > MAX_TAILS ? tails.keys().next().value : undefined
      if (oldest !== undefined) tails.delete(oldest)
      const due = !tail.reading && Date.now() - tail.readAtMs > FRESH_MS
      if (due && counters.reading < MAX_READS) void read(source, tail)
      return tail.lines
    },
    onRead: (listener) => void listeners.push(listener),
    stats: () => ({ tails: tails.size, ...counters }),
  }
}
