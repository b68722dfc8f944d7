import { type FileHandle, open } from 'node:fs/promises'
import { hasCode } from '../../types/system-error.ts'
import { type LogWriter, rotatedNumbers, rotatedPath } from './writer.ts'

export interface LogReadOptions {
  tailLines?: number
  limitBytes?: number
  /** RFC 3339: entries before it are left out. */
  sinceTime?: string
  /** Puts the entry's time and a space before each line. */
  timestamps: boolean
  follow: boolean
}

export interface LogReadCounters {
  /** Files that rotation removed before a follower came to them. */
  filesMissed: number
}

const CHUNK_BYTES = 64 * 1024
const NEWLINE = 0x0a

/** A position in a run's log: the file's number (what is being written has the highest) and the offset in it. */
interface Position {
  number: number
  offset: number
}

/**
 * Reads a container run's log, over all files that rotation kept, as text for people. Following, it goes on until the
 * writer is closed or `signal` fires; a rotation in between loses nothing.
 * `writer` is the run's open writer, or null when the run is over.
 */
export async function* readLog(
  path: string,
  writer: LogWriter | null,
  options: LogReadOptions,
  signal: AbortSignal,
  counters: LogReadCounters = { filesMissed: 0 },
): AsyncGenerator<Buffer> {
  let left = options.limitBytes ?? Number.POSITIVE_INFINITY
  const format = formatter(options)
  for await (const chunk of follow(path, writer, options, signal, counters)) {
    const text = format(chunk)
    if (text.length === 0) continue
    yield text.length > left ? text.subarray(0, left) : text
    left -= text.length
    if (left <= 0) return
  }
}

/** The raw file contents in whole entries, from the first wanted position on. */
async function* follow(
  path: string,
  writer: LogWriter | null,
  options: LogReadOptions,
  signal: AbortSignal,
  counters: LogReadCounters,
): AsyncGenerator<Buffer> {
  const wake = waker(writer, signal)
  try {
    let position = await firstPosition(path, writer, options.tailLines)
    while (position !== null && !signal.aborted) {
      // Asked before reading: what comes after it is seen in the next round.
      const last = currentNumber(path, writer)
      const closed = writer === null || writer.closed
      const seen = wake.count()
      const missed = position.number < last && position.offset === 0
      const next = yield* readFile(path, last, position, counters)
      const gone = writer?.aside.get(position.number)
      if (missed && next.offset === 0 && gone) yield gap(gone)
      position = next
      if (position.number < last) position = { number: position.number + 1, offset: 0 }
      else if (!options.follow || closed) return
      else if (position.number === currentNumber(path, writer)) await wake.after(seen)
    }
  } finally {
    wake.stop()
  }
}

/** An entry in place of a file that rotation removed before it was read. */
const gap = ({ lines, lastAt }: { lines: number; lastAt: string }) =>
  Buffer.from(`${lastAt} stdout F --- ${lines} lines skipped: they came faster than they were read ---\n`)

const currentNumber = (path: string, writer: LogWriter | null) =>
  writer !== null && !writer.closed ? writer.number : (rotatedNumbers(path).at(-1) ?? 0) + 1

/** Opens a file of the log. A rotation may rename the current one at any moment, so both of its names are tried. */
async function openNumber(path: string, number: number): Promise<FileHandle | null> {
  const aside = await openIfThere(rotatedPath(path, number))
  if (aside !== null) return aside
  const file = await openIfThere(path)
  if (file === null) return null
  if ((rotatedNumbers(path).at(-1) ?? 0) + 1 === number) return file
  await file.close()
  return openIfThere(rotatedPath(path, number))
}

async function openIfThere(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, 'r')
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null
    throw error
  }
}

/** Reads whole entries from `position` to the end of that file; answers where it stopped. */
async function* readFile(
  path: string,
  last: number,
  position: Position,
  counters: LogReadCounters,
): AsyncGenerator<Buffer, Position> {
  const file = await openNumber(path, position.number)
  if (file === null) {
    if (position.number < last) counters.filesMissed += 1
    return position
  }
  try {
    let offset = position.offset
    const buffer = Buffer.alloc(CHUNK_BYTES)
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES, offset)
      // Entries are at most some 16 KiB, so a full buffer always holds the end of one.
      const end = buffer.subarray(0, bytesRead).lastIndexOf(NEWLINE) + 1
      if (end === 0) return { number: position.number, offset }
      offset += end
      yield Buffer.from(buffer.subarray(0, end))
    }
  } finally {
    await file.close()
  }
}

/** Where to begin: the oldest file, or `tailLines` entries before the end. */
async function firstPosition(path: string, writer: LogWriter | null, tailLines?: number): Promise<Position | null> {
  const last = currentNumber(path, writer)
  const oldest = rotatedNumbers(path)[0] ?? last
  if (tailLines === undefined) return { number: oldest, offset: 0 }
  let wanted = tailLines
  for (let number = last; number >= oldest; number -= 1) {
    const file = await openNumber(path, number)
    if (file === null) continue
    try {
      const size = (await file.stat()).size
      const found = await tailOffset(file, size, wanted)
      if (found.lines >= wanted) return { number, offset: found.offset }
      wanted -= found.lines
    } finally {
      await file.close()
    }
  }
  return { number: oldest, offset: 0 }
}

/** Offset of the last `wanted` lines of a file, and how many were found. */
async function tailOffset(file: FileHandle, size: number, wanted: number): Promise<{ offset: number; lines: number }> {
  if (wanted === 0) return { offset: size, lines: 0 }
  const buffer = Buffer.alloc(CHUNK_BYTES)
  let lines = 0
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - CHUNK_BYTES)
    const { bytesRead } = await file.read(buffer, 0, end - start, start)
    for (let index = bytesRead - 1; index >= 0; index -= 1) {
      if (buffer[index] !== NEWLINE || start + index === size - 1) continue
      lines += 1
      if (lines === wanted) return { offset: start + index + 1, lines }
    }
    end = start
  }
  return { offset: 0, lines: size === 0 ? 0 : lines + 1 }
}

/** Turns file contents into what is shown: `TIME STREAM TAG TEXT` into TEXT, with the time before it where asked. */
function formatter(options: LogReadOptions): (entries: Buffer) => Buffer {
  const since = options.sinceTime === undefined ? null : comparable(options.sinceTime)
  let midLine = false
  return (entries) => {
    const out: Buffer[] = []
    for (let start = 0; start < entries.length; ) {
      const end = entries.indexOf(NEWLINE, start)
      const timeEnd = entries.indexOf(0x20, start)
      const streamEnd = entries.indexOf(0x20, timeEnd + 1)
      const textStart = streamEnd + 3
      const time = entries.toString('latin1', start, timeEnd)
      const whole = entries[streamEnd + 1] === 0x46
      const next = end + 1
      if (since === null || comparable(time) >= since) {
        if (options.timestamps && !midLine) out.push(Buffer.from(`${time} `, 'latin1'))
        out.push(entries.subarray(textStart, whole ? next : end))
        midLine = !whole
      }
      start = next
    }
    return Buffer.concat(out)
  }
}

/** Times as text that sorts: nanoseconds filled up, in UTC. */
function comparable(time: string): string {
  const fraction = /\.(\d+)/.exec(time)?.[1] ?? ''
  return `${new Date(Math.floor(Date.parse(time) / 1000) * 1000).toISOString().slice(0, 19)}.${fraction.padEnd(9, '0')}`
}

/** Waits for the writer's next change without missing one that came while nobody waited. */
function waker(writer: LogWriter | null, signal: AbortSignal) {
  let count = 0
  let wake: (() => void) | null = null
  const changed = () => {
    count += 1
    wake?.()
  }
  const stop = writer?.onChange(changed) ?? (() => undefined)
  signal.addEventListener('abort', changed)
  return {
    count: () => count,
    after: (seen: number) =>
      new Promise<void>((resolve) => {
        if (count > seen || signal.aborted) resolve()
        else wake = resolve
      }),
    stop: () => {
      stop()
      signal.removeEventListener('abort', changed)
    },
  }
}
