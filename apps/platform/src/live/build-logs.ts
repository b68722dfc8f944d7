import { EventEmitter, once } from 'node:events'
import { appendFile, mkdir, open, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { safeId } from '../git/repositories.ts'
import { advance, type Watermark } from './log-position.ts'
import { nanosecondsOf } from './log-time.ts'

/** A build's log is cut at this size; what comes after is counted, not kept. */
export const BUILD_LOG_LIMIT_BYTES = 4 * 1024 * 1024
const LINE_LIMIT_CHARACTERS = 16 * 1024
const TOO_LONG = `[This log is longer than ${BUILD_LOG_LIMIT_BYTES / 1024 / 1024} MiB; the rest of the build's output is left out.]`
const READ_CHUNK_BYTES = 256 * 1024
/** Another replica may be the one that writes: followers look at the file at least this often. */
const POLL_MS = 500

/** `builder` lines come from the build's pod, `slipway` lines from the platform. */
export interface BuildLogEntry {
  /** RFC 3339, from the pod where it comes from there. */
  at: string
  origin: 'builder' | 'slipway'
  text: string
}

export interface BuildLogBlock {
  entries: BuildLogEntry[]
  /** Byte after the last entry: where to go on from. */
  offset: number
}

/** Logs of builds, one append-only file each in `<stateDir>/build-logs`, kept after the build and its pod are gone. */
export interface BuildLogs {
  append(buildId: string, entries: readonly BuildLogEntry[]): Promise<void>
  /** The last `count` lines; empty when there is no log. */
  tail(buildId: string, count: number): Promise<string[]>
  /** How far the pod's output was copied: where following goes on after a restart. Undefined before its first line. */
  builderMark(buildId: string): Promise<Watermark | undefined>
  /** Entries from byte `from` on, as they come, until `isOver` answers true and all was read. */
  follow(buildId: string, options: FollowOptions): AsyncGenerator<BuildLogBlock>
  remove(buildId: string): Promise<void>
  list(): Promise<string[]>
  stats(): { droppedLines: number; followers: number }
}

export interface FollowOptions {
  from: number
  isOver: () => Promise<boolean>
  signal: AbortSignal
}

export async function openBuildLogs(stateDir: string): Promise<BuildLogs> {
  const directory = join(stateDir, 'build-logs')
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const path = (id: string) => join(directory, `${safeId(id)}.log`)
  const changed = new EventEmitter().setMaxListeners(0)
  const writing = new Map<string, Promise<void>>()
  const counters = { droppedLines: 0, followers: 0 }

  async function write(id: string, entries: readonly BuildLogEntry[]): Promise<void> {
    const { text, dropped } = encode(entries, await sizeOf(path(id)))
    counters.droppedLines += dropped
    if (text !== '') await appendFile(path(id), text, { mode: 0o600 })
    changed.emit(id)
  }

  return {
    append(id, entries) {
      // One write after the other for each build; a failed one does not stop the next.
      const before = writing.get(id) ?? Promise.resolve()
      const mine = before.catch(() => undefined).then(() => write(id, entries))
      writing.set(id, mine)
      return mine.finally(() => {
        if (writing.get(id) === mine) writing.delete(id)
      })
    },
    async tail(id, count) {
      const size = await sizeOf(path(id))
      const block = await readBlock(path(id), Math.max(0, size - READ_CHUNK_BYTES))
      return block.entries.slice(-count).map((entry) => entry.text)
    },
    async builderMark(id) {
      let mark: Watermark | undefined
      let offset = 0
      for (;;) {
        const block = await readBlock(path(id), offset)
        if (block.entries.length === 0) return mark
        for (const { at, origin } of block.entries) if (origin === 'builder') mark = advance(mark, nanosecondsOf(at))
        offset = block.offset
      }
    },
    async *follow(id, { from, isOver, signal }) {
      counters.followers++
      try {
        let offset = from
        while (!signal.aborted) {
          const over = await isOver()
          const block = await readBlock(path(id), offset)
          if (block.entries.length > 0) {
            offset = block.offset
            yield block
          } else if (over) return
          else await nextChange(changed, id, signal)
        }
      } finally {
        counters.followers--
      }
    },
    remove: (id) => rm(path(id), { force: true }),
    async list() {
      const names = await readdir(directory)
      return names.filter((name) => name.endsWith('.log')).map((name) => name.slice(0, -'.log'.length))
    },
    stats: () => ({ ...counters }),
  }
}

async function nextChange(changed: EventEmitter, id: string, signal: AbortSignal): Promise<void> {
  const waited = AbortSignal.any([signal, AbortSignal.timeout(POLL_MS)])
  try {
    await once(changed, id, { signal: waited })
  } catch (error) {
    if (!waited.aborted) throw error
  }
}

/** The line that reaches the limit is followed by a note; after that only the platform's own lines (the verdict) are kept. */
function encode(entries: readonly BuildLogEntry[], sizeBefore: number): { text: string; dropped: number } {
  let text = ''
  let size = sizeBefore
  let dropped = 0
  const add = (at: string, mark: 'b' | 's', line: string) => {
    const encoded = `${at}\t${mark}\t${line}\n`
    size += Buffer.byteLength(encoded)
    text += encoded
  }
  for (const { at, origin, text: line } of entries) {
    if (origin === 'builder' && size >= BUILD_LOG_LIMIT_BYTES) {
      dropped++
      continue
    }
    add(at, origin === 'builder' ? 'b' : 's', line.replace(/[\r\n]+/g, ' ').slice(0, LINE_LIMIT_CHARACTERS))
    if (origin === 'builder' && size >= BUILD_LOG_LIMIT_BYTES) add(at, 's', TOO_LONG)
  }
  return { text, dropped }
}

/** Complete lines from `offset` on, at most READ_CHUNK_BYTES of them. */
async function readBlock(path: string, offset: number): Promise<BuildLogBlock> {
  let handle: Awaited<ReturnType<typeof open>>
  try {
    handle = await open(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { entries: [], offset }
    throw error
  }
  try {
    const buffer = Buffer.alloc(READ_CHUNK_BYTES)
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, offset)
    const end = buffer.subarray(0, bytesRead).lastIndexOf(10)
    if (end < 0) return { entries: [], offset }
    const entries = buffer.subarray(0, end).toString('utf8').split('\n').flatMap(parseLine)
    return { entries, offset: offset + end + 1 }
  } finally {
    await handle.close()
  }
}

/** A line that was cut (the first one of a tail) is left out. */
function parseLine(line: string): BuildLogEntry[] {
  const match = /^(\S+)\t([bs])\t(.*)$/.exec(line)
  if (!match) return []
  const [, at = '', origin, text = ''] = match
  return [{ at, origin: origin === 'b' ? 'builder' : 'slipway', text }]
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0
    throw error
  }
}
