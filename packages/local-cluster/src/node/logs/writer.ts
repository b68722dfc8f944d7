import { closeSync, fstatSync, openSync, readdirSync, renameSync, rmSync, writeSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

export type LogStream = 'stdout' | 'stderr'

export interface LogRotation {
  /** A file that has reached this size is put aside. */
  maxBytes: number
  /** Files kept of one container run, the one being written included. */
  maxFiles: number
}

/** The kubelet's containerLogMaxSize and containerLogMaxFiles. */
export const DEFAULT_ROTATION: LogRotation = { maxBytes: 10 * 1024 * 1024, maxFiles: 5 }

/** Longest line of a log; longer ones are written in parts, as by containerd. */
const MAX_LINE_BYTES = 16 * 1024
/** A line without an end is written as a part after this time, so that prompts show and a crash loses nothing. */
const PARTIAL_AFTER_MS = 200
const NEWLINE = 0x0a
/** Files whose number of lines is remembered, gone ones included. */
const FILES_KNOWN = 1_000

/** Numbers of the files that were put aside, oldest first. */
export function rotatedNumbers(path: string): number[] {
  const prefix = `${basename(path)}.`
  return readdirSync(dirname(path))
    .filter((name) => name.startsWith(prefix))
    .map((name) => Number(name.slice(prefix.length)))
    .filter(Number.isInteger)
    .sort((a, b) => a - b)
}

export const rotatedPath = (path: string, number: number) => join(dirname(path), `${basename(path)}.${number}`)

/**
 * Writes one container run's log in the CRI format (`TIME stdout F line`), in order, with rotation.
 * Writes go straight to the file: a line that was taken from the container outlives the cluster's process.
 * Reference: https://github.com/kubernetes/design-proposals-archive/blob/main/node/kubelet-cri-logging.md
 */
export class LogWriter {
  readonly path: string
  readonly #rotation: LogRotation
  readonly #partial: Record<LogStream, Buffer[]> = { stdout: [], stderr: [] }
  readonly #listeners = new Set<() => void>()
  #fd: number
  #size: number
  #number: number
  #lastNs = 0n
  #timer: NodeJS.Timeout | null = null
  #closed = false
  #lines = 0
  /** The files put aside, by number: a follower that comes too late says what it missed. */
  readonly aside = new Map<number, { lines: number; lastAt: string }>()
  /** Bytes taken from the container. */
  bytes = 0
  /** Bytes that could not be written because the disk is full or gone. */
  lostBytes = 0

  constructor(path: string, rotation: LogRotation) {
    this.path = path
    this.#rotation = rotation
    this.#fd = openSync(path, 'a', 0o600)
    this.#size = fstatSync(this.#fd).size
    this.#number = (rotatedNumbers(path).at(-1) ?? 0) + 1
  }

  get closed(): boolean {
    return this.#closed
  }

  /** Number that the file being written will have once it is put aside. */
  get number(): number {
    return this.#number
  }

  write(stream: LogStream, chunk: Buffer): void {
    if (this.#closed) return
    this.bytes += chunk.length
    const out: Buffer[] = []
    let start = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      this.#line(stream, chunk.subarray(start, end), out)
      start = end + 1
    }
    if (start < chunk.length) this.#keep(stream, chunk.subarray(start), out)
    this.#append(out)
  }

  /** Tells `listener` of every append, rotation and the close. Returns the function that ends it. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  close(): void {
    if (this.#closed) return
    this.#flushPartial()
    this.#closed = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    closeSync(this.#fd)
    this.#notify()
    this.#listeners.clear()
  }

  #line(stream: LogStream, end: Buffer, out: Buffer[]): void {
    const parts = this.#partial[stream]
    const line = parts.length === 0 ? end : Buffer.concat([...parts, end])
    this.#partial[stream] = []
    let rest = line
    while (rest.length > MAX_LINE_BYTES) {
      out.push(...this.#entry(stream, 'P', rest.subarray(0, MAX_LINE_BYTES)))
      rest = rest.subarray(MAX_LINE_BYTES)
    }
    out.push(...this.#entry(stream, 'F', rest))
  }

  #keep(stream: LogStream, part: Buffer, out: Buffer[]): void {
    const parts = this.#partial[stream]
    // The chunk belongs to the socket, which may use it again.
    parts.push(Buffer.from(part))
    let rest = Buffer.concat(parts)
    while (rest.length >= MAX_LINE_BYTES) {
      out.push(...this.#entry(stream, 'P', rest.subarray(0, MAX_LINE_BYTES)))
      rest = rest.subarray(MAX_LINE_BYTES)
    }
    this.#partial[stream] = rest.length === 0 ? [] : [rest]
    this.#timer ??= setTimeout(() => {
      this.#timer = null
      this.#flushPartial()
    }, PARTIAL_AFTER_MS).unref()
  }

  #flushPartial(): void {
    if (this.#closed) return
    const out: Buffer[] = []
    for (const stream of ['stdout', 'stderr'] as const) {
      const parts = this.#partial[stream]
      if (parts.length > 0) out.push(...this.#entry(stream, 'P', Buffer.concat(parts)))
      this.#partial[stream] = []
    }
    this.#append(out)
  }

  #entry(stream: LogStream, tag: 'P' | 'F', line: Buffer): Buffer[] {
    if (tag === 'F') this.#lines += 1
    return [Buffer.from(`${this.#time()} ${stream} ${tag} `, 'latin1'), line, Buffer.from('\n', 'latin1')]
  }

  /** Never the same twice, so that a reader can go on after the last one it has. */
  #time(): string {
    const now = BigInt(Date.now()) * 1_000_000n
    this.#lastNs = now > this.#lastNs ? now : this.#lastNs + 1n
    return this.#lastTime()
  }

  /** RFC 3339 with nanoseconds. */
  #lastTime(): string {
    const seconds = new Date(Number(this.#lastNs / 1_000_000n)).toISOString().slice(0, 19)
    return `${seconds}.${String(this.#lastNs % 1_000_000_000n).padStart(9, '0')}Z`
  }

  #append(out: Buffer[]): void {
    if (out.length === 0) return
    const data = Buffer.concat(out)
    let written = 0
    try {
      while (written < data.length) written += writeSync(this.#fd, data, written)
      if (this.#size + written >= this.#rotation.maxBytes) this.#rotate()
      else this.#size += written
    } catch {
      // A full disk must not stop the container: its output is dropped and counted.
      this.lostBytes += data.length - written
    }
    this.#notify()
  }

  #rotate(): void {
    closeSync(this.#fd)
    renameSync(this.path, rotatedPath(this.path, this.#number))
    this.aside.set(this.#number, { lines: this.#lines, lastAt: this.#lastTime() })
    this.aside.delete(this.#number - FILES_KNOWN)
    this.#lines = 0
    this.#number += 1
    this.#fd = openSync(this.path, 'a', 0o600)
    this.#size = 0
    const keep = this.#rotation.maxFiles - 1
    const numbers = rotatedNumbers(this.path)
    for (const number of numbers.slice(0, Math.max(0, numbers.length - keep))) {
      rmSync(rotatedPath(this.path, number), { force: true })
    }
  }

  #notify(): void {
    for (const listener of this.#listeners) listener()
  }
}
