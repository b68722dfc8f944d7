export interface Output {
  stream: 'stdout' | 'stderr'
  data: Buffer
}

/** The last bytes of a terminal's output, by their position in all of it. */
export interface OutputBuffer {
  /** Position of the first byte that is kept, and of the one after the last. */
  readonly start: number
  readonly end: number
  push(output: Output): void
  /** Forgets what was, and begins again at 0. */
  clear(): void
  /** What is kept from a position on, neighbours of a stream in one piece; `maxBytes` at most. */
  read(from: number, maxBytes: number): Output[]
}

export function createOutputBuffer(maxBytes: number): OutputBuffer {
  let pieces: (Output & { at: number })[] = []
  let start = 0
  let end = 0
  return {
    get start() {
      return start
    },
    get end() {
      return end
    },
    push({ stream, data }) {
      // A copy: a small piece would keep the whole frame that it came in.
      pieces.push({ at: end, stream, data: Buffer.from(data) })
      end += data.length
      start = Math.max(start, end - maxBytes)
      while (pieces[0] !== undefined && pieces[0].at + pieces[0].data.length <= start) pieces.shift()
    },
    clear() {
      pieces = []
      start = 0
      end = 0
    },
    read(from, most) {
      const until = Math.min(end, from + most)
      const found: Output[] = []
      for (const { at, stream, data } of pieces) {
        const part = data.subarray(Math.max(0, Math.max(from, start) - at), Math.max(0, until - at))
        if (part.length === 0) continue
        const last = found.at(-1)
        if (last?.stream === stream) last.data = Buffer.concat([last.data, part])
        else found.push({ stream, data: part })
      }
      return found
    },
  }
}
