import { EventEmitter, once } from 'node:events'
import { appendLog, type Database, type LogOf, type LogOwner, logSize, readLog } from '@slipway/db'
import { advance, type Watermark } from './log-position.ts'
import { nanosecondsOf } from './log-time.ts'

const MIB = 1024 * 1024
/** A log is cut at this size; what comes after is counted, not kept. */
export const LOG_LIMIT_BYTES = { build: 4 * MIB, run: MIB } as const satisfies Record<LogOwner, number>
const LINE_LIMIT_CHARACTERS = 16 * 1024
const TAIL_BYTES = 256 * 1024
/** A lost notification costs a follower at most this long. */
const POLL_MS = 2000

/** `pod` lines come from the Job's pod, `slipway` lines from the platform. */
export interface KeptLogEntry {
  /** RFC 3339, from the pod where it comes from there. */
  at: string
  origin: 'pod' | 'slipway'
  text: string
}

export interface KeptLogBlock {
  entries: KeptLogEntry[]
  /** Byte after the last entry: where to go on from. */
  offset: number
}

/**
 * Logs of builds, and of runs whose output is kept: rows of the database, so every platform process reads and follows them. They go with
 * the row of what they are of.
 */
export interface KeptLogs {
  append(id: string, entries: readonly KeptLogEntry[]): Promise<void>
  /** The last `count` lines; empty when there is no log. */
  tail(id: string, count: number): Promise<string[]>
  /** How far the pod's output was copied: where following goes on after a restart. Undefined before its first line. */
  podMark(id: string): Promise<Watermark | undefined>
  /** Entries from byte `from` on, as they come, until `isOver` answers true and all was read. */
  follow(id: string, options: FollowOptions): AsyncGenerator<KeptLogBlock>
  /** Wakes followers of this process: the database notified of new lines, or of the end. */
  notified(id: string): void
  stats(): { droppedLines: number; followers: number }
}

export interface FollowOptions {
  from: number
  isOver: () => Promise<boolean>
  signal: AbortSignal
}

export function createKeptLogs(db: Database, owner: LogOwner): KeptLogs {
  const changed = new EventEmitter().setMaxListeners(0)
  const writing = new Map<string, Promise<void>>()
  const counters = { droppedLines: 0, followers: 0 }

  async function write(id: string, entries: readonly KeptLogEntry[]): Promise<void> {
    let dropped = 0
    await appendLog(db, { owner, id }, (sizeBefore) => {
      const encoded = encode(entries, sizeBefore, LOG_LIMIT_BYTES[owner])
      dropped = encoded.dropped
      return encoded.text
    })
    counters.droppedLines += dropped
    changed.emit(id)
  }

  return {
    append(id, entries) {
      // One write after the other for each log, in the order of the calls; a failed one does not stop the next.
      const before = writing.get(id) ?? Promise.resolve()
      const mine = before.catch(() => undefined).then(() => write(id, entries))
      writing.set(id, mine)
      return mine.finally(() => {
        if (writing.get(id) === mine) writing.delete(id)
      })
    },
    async tail(id, count) {
      const from = Math.max(0, (await logSize(db, { owner, id })) - TAIL_BYTES)
      const block = await readBlock(db, { owner, id }, from)
      return block.entries.slice(-count).map((entry) => entry.text)
    },
    async podMark(id) {
      let mark: Watermark | undefined
      let offset = 0
      for (;;) {
        const block = await readBlock(db, { owner, id }, offset)
        if (block.entries.length === 0) return mark
        for (const { at, origin } of block.entries) if (origin === 'pod') mark = advance(mark, nanosecondsOf(at))
        offset = block.offset
      }
    },
    async *follow(id, { from, isOver, signal }) {
      counters.followers++
      try {
        let offset = from
        while (!signal.aborted) {
          const next = nextChange(changed, id, signal)
          const over = await isOver()
          const block = await readBlock(db, { owner, id }, offset)
          if (block.entries.length > 0) {
            offset = block.offset
            yield block
          } else if (over) return
          else await next
        }
      } finally {
        counters.followers--
      }
    },
    notified: (id) => void changed.emit(id),
    stats: () => ({ ...counters }),
  }
}

/** Listens before the caller reads, so that no line falls in between. */
async function nextChange(changed: EventEmitter, id: string, signal: AbortSignal): Promise<void> {
  const waited = AbortSignal.any([signal, AbortSignal.timeout(POLL_MS)])
  try {
    await once(changed, id, { signal: waited })
  } catch (error) {
    if (!waited.aborted) throw error
  }
}

/** The line that reaches the limit is followed by a note; after that only the platform's own lines (the verdict) are kept. */
function encode(
  entries: readonly KeptLogEntry[],
  sizeBefore: number,
  limitBytes: number,
): { text: string; dropped: number } {
  let text = ''
  let size = sizeBefore
  let dropped = 0
  const add = (at: string, mark: 'b' | 's', line: string) => {
    const encoded = `${at}\t${mark}\t${line}\n`
    size += Buffer.byteLength(encoded)
    text += encoded
  }
  for (const { at, origin, text: line } of entries) {
    if (origin === 'pod' && size >= limitBytes) {
      dropped++
      continue
    }
    add(at, origin === 'pod' ? 'b' : 's', cleaned(line))
    if (origin === 'pod' && size >= limitBytes) add(at, 's', tooLong(limitBytes))
  }
  return { text, dropped }
}

const tooLong = (limitBytes: number) =>
  `[This log is longer than ${limitBytes / MIB} MiB; the rest of the output is left out.]`

/** One line without NUL, which Postgres does not store, nor half of a surrogate pair. */
const cleaned = (line: string) =>
  line
    .replace(/[\r\n]+/g, ' ')
    .replaceAll('\0', '\ufffd')
    .slice(0, LINE_LIMIT_CHARACTERS)
    .toWellFormed()

/** Complete lines from `offset` on. */
async function readBlock(db: Database, log: LogOf, offset: number): Promise<KeptLogBlock> {
  const buffer = await readLog(db, log, offset)
  const end = buffer.lastIndexOf(10)
  if (end < 0) return { entries: [], offset }
  const entries = buffer.subarray(0, end).toString('utf8').split('\n').flatMap(parseLine)
  return { entries, offset: offset + end + 1 }
}

/** A line that was cut (the first one of a tail) is left out. */
function parseLine(line: string): KeptLogEntry[] {
  const match = /^(\S+)\t([bs])\t(.*)$/.exec(line)
  if (!match) return []
  const [, at = '', origin, text = ''] = match
  return [{ at, origin: origin === 'b' ? 'pod' : 'slipway', text }]
}
