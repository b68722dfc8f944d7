import type { LogSource } from '@slipway/health'
import type { Cluster } from '@slipway/kube'
import { LRUCache } from 'lru-cache'

/** Lines that are shown of what failed. */
const TAIL_LINES = 20
const LINE_LIMIT_CHARACTERS = 2000
/** A tail that is still asked for is read again after this long. */
const FRESH_MS = 10_000
/** Between the tries at a tail that has no lines: the node may not have written them yet, or be between two runs. */
const RETRY_DELAYS_MS = [250, 500, 1000, 2000, 4000, 8000]
const MAX_TAILS = 500
const MAX_READS = 8

export interface TailSource extends LogSource {
  namespace: string
  appId: string
}

/**
 * The last log lines of containers that failed, for "why isn't it live?". Health is computed without waiting, so `get`
 * answers what is known and reads in the background; `onRead` tells that an app has news.
 */
export interface LogTails {
  get(source: TailSource): string[]
  onRead(listener: (appId: string) => void): void
  stats(): { tails: number; reading: number; failures: number }
}

interface Tail {
  /** As it was asked for last: a run that is the present one now is the previous one later. */
  source: TailSource
  lines: string[]
  readAtMs: number
  reading: boolean
  tries: number
}

/** A run's log is the same whether it is asked for as the present or as the previous one. */
function keyOf({ namespace, pod, container, previous, run }: TailSource): string {
  return `${namespace}/${pod}/${container}/${run || previous}`
}

function linesOf(text: string): string[] {
  const lines = text.split('\n').map((line) => line.slice(0, LINE_LIMIT_CHARACTERS))
  if (lines.at(-1) === '') lines.pop()
  return lines.slice(-TAIL_LINES)
}

export function createLogTails(cluster: Pick<Cluster, 'readLog'>): LogTails {
  const tails = new LRUCache<string, Tail>({ max: MAX_TAILS })
  const listeners: ((appId: string) => void)[] = []
  const counters = { reading: 0, failures: 0 }

  async function read(tail: Tail): Promise<void> {
    const { namespace, appId, pod, container, previous } = tail.source
    tail.reading = true
    counters.reading++
    try {
      const text = await cluster.readLog(
        { namespace, name: pod },
        { container, previous, tailLines: TAIL_LINES, limitBytes: 64 * 1024 },
      )
      const lines = linesOf(text)
      const news = lines.join('\n') !== tail.lines.join('\n')
      tail.lines = lines
      if (news) for (const listener of listeners) listener(appId)
    } catch {
      // The container may be gone, or never have run: then there are no lines, and the sentence stands alone.
      counters.failures++
    } finally {
      tail.reading = false
      tail.readAtMs = Date.now()
      counters.reading--
      if (tail.lines.length === 0) readAgain(tail)
    }
  }

  /** Nothing of the app may change for minutes, so nobody would ask again. */
  function readAgain(tail: Tail): void {
    const delayMs = RETRY_DELAYS_MS[tail.tries++]
    if (delayMs === undefined) return
    setTimeout(() => {
      if (tails.peek(keyOf(tail.source)) !== tail || tail.reading) return
      if (counters.reading < MAX_READS) void read(tail)
      else readAgain(tail)
    }, delayMs).unref()
  }

  return {
    get(source) {
      const key = keyOf(source)
      const tail = tails.get(key) ?? { source, lines: [], readAtMs: 0, reading: false, tries: 0 }
      tail.source = source
      tails.set(key, tail)
      const due = !tail.reading && Date.now() - tail.readAtMs > FRESH_MS
      if (due && counters.reading < MAX_READS) void read(tail)
      else if (due && tail.tries === 0) readAgain(tail)
      return tail.lines
    },
    onRead: (listener) => void listeners.push(listener),
    stats: () => ({ tails: tails.size, ...counters }),
  }
}
